"""Sends ready to launch and people who may be written to, for tests."""

from collections.abc import Callable
from typing import Any

import factory
from django.db import transaction
from django.db.models import QuerySet

from accounts.people.models import User
from core.errors import DomainError
from crm.consent.models import Consent
from crm.consent.tests.factories import ConsentTopicFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.freeze import audience_freeze
from delivery.senders.tests.factories import SendingIdentityFactory
from delivery.sends.models import Send, Variant

BODY = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Hello {{ contact.first_name|default("friend") }}</mj-text>
<mj-button href="https://shop.example/spring">See it</mj-button>
</mj-column></mj-section></mj-body></mjml>"""


class SendFactory(factory.django.DjangoModelFactory[Send]):
    class Meta:
        model = Send

    kind = Send.Kind.CAMPAIGN
    identity = factory.SubFactory(SendingIdentityFactory)
    topic = factory.SubFactory(ConsentTopicFactory)


class VariantFactory(factory.django.DjangoModelFactory[Variant]):
    class Meta:
        model = Variant

    send = factory.SubFactory(SendFactory)
    label = "A"
    subject = "Spring"
    body = BODY
    weight = 50


def frozen_in_both_arms(make: Callable[[], Send], contacts: QuerySet[Contact]) -> Send:
    """A send made by `make` and frozen, with somebody in each arm: the arm hangs on the keys of send and contact, so
    of a handful of people all may fall into one; then the send is made again."""
    for _turn in range(30):
        try:
            with transaction.atomic():
                send = make()
                audience_freeze(send, contacts)
        except DomainError as error:
            if error.code != "arm_empty":
                raise
        else:
            return send
    raise AssertionError("thirty sends with an empty arm")


def willing(count: int, *, owner: User | None = None, city: str = "Lima") -> list[Contact]:
    """Contacts in Lima who agreed to e-mail, on `owner`'s mini-list when given."""
    topic = ConsentTopicFactory.create()
    people: list[Contact] = ContactFactory.create_batch(count, city=city)
    for person in people:
        Consent.objects.create(contact=person, topic=topic, given=True, source="test")
        if owner is not None:
            MiniListMembership.objects.create(contact=person, owner=owner)
    return people


def put(send: Send, state: str, **fields: Any) -> Send:
    """Set a send's state, as the engine would have left it."""
    Send.objects.filter(pk=send.pk).update(state=state, **fields)
    send.refresh_from_db()
    return send
