"""Consent as the page of a contact shows it."""

from typing import Any

from django.utils.translation import gettext as _

from crm.consent.models import Consent, ConsentTopic
from crm.contacts.models import Contact


def consents_by_topic(contact: Contact) -> list[dict[str, Any]]:
    """Each topic with the newest e-mail record of this contact, or none."""
    newest = {row.topic_id: row for row in Consent.objects.filter(contact=contact, channel="email").current()}
    topics = ConsentTopic.objects.filter(archived_at=None)
    return [{"topic": topic, "name": _(topic.name), "record": newest.get(topic.pk)} for topic in topics]
