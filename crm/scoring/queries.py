"""The scores of one customer, for the page of a contact."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.people.models import User
from crm.contacts.models import Contact
from crm.scoring.services.rfm import rfm_of


def rfm_panel(contact: Contact, user: User) -> Mapping[str, Any] | None:
    """A customer's scores and what to do for their segment; nothing before they are scored."""
    score = rfm_of(contact.pk)
    if score is None:
        return None
    return {"score": score, "advice": _(score.segment.advice) if score.segment.advice else ""}
