"""Campaigns and letters ready to launch, for tests."""

from collections.abc import Sequence
from typing import Any

from accounts.people.models import User
from campaigns.models.authoring import Campaign, Letter
from campaigns.models.identities import SendingIdentity
from campaigns.models.sends import Experiment, Send, Variant
from campaigns.services.campaigns import campaign_create
from campaigns.services.letters import letter_create
from crm.brands.tests.factories import BrandFactory
from crm.consent.models import Consent
from crm.consent.tests.factories import ConsentTopicFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from marketing.segments.models import Segment
from marketing.segments.tests.factories import SegmentFactory

BODY = """<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>Hello {{ contact.first_name|default("there") }}, %s</mj-text>
        <mj-button href="https://shop.example/tea">See it</mj-button>
        <mj-text><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""


def identity_make(**fields: Any) -> SendingIdentity:
    values = {"name": "Shop", "from_name": "Example Shop", "from_address": "shop@company.example", **fields}
    found = SendingIdentity.objects.filter(name=values["name"]).first()
    return found or SendingIdentity.objects.create(brand=BrandFactory.create(), **values)


def willing(count: int, *, owner: User | None = None, city: str = "Lima") -> list[Contact]:
    """Contacts in Lima who agreed to e-mail, on `owner`'s mini-list when given."""
    topic = ConsentTopicFactory.create()
    people: list[Contact] = ContactFactory.create_batch(count, city=city)
    for person in people:
        Consent.objects.create(contact=person, topic=topic, given=True, source="test")
        if owner is not None:
            MiniListMembership.objects.create(contact=person, owner=owner)
    return people


def campaign_make(actor: User, *, segment: Segment | None = None, ready: bool = True) -> Campaign:
    """A draft; `ready`: with two arms that differ in subject and a planned test."""
    identity_make()
    ConsentTopicFactory.create()
    campaign = campaign_create(name="Spring tea", actor=actor, segment=segment or SegmentFactory.create())
    if ready:
        subjects = {"A": "Tea has come", "B": "Is your tea empty?"}
        for arm in campaign.send.variants.all():
            Variant.objects.filter(pk=arm.pk).update(subject=subjects[arm.label], body=BODY % "tea.")
        Experiment.objects.filter(send=campaign.send).update(
            hypothesis="A question brings more clicks.", metric="click", horizon=100
        )
    return Campaign.objects.select_related("send__identity__brand", "segment").get(pk=campaign.pk)


def letter_make(author: User, contacts: Sequence[Contact] = ()) -> Letter:
    identity_make()
    body = "Hello {{ contact.first_name }},\n\nthe tea is here.\n\nOlga\n"
    letter = letter_create(author=author, subject="The tea is here", body=body, contacts=contacts)
    return Letter.objects.select_related("send__identity__brand", "author").get(pk=letter.pk)


def put(send: Send, state: str, **fields: Any) -> Send:
    """Set a send's state, as the engine would have left it."""
    Send.objects.filter(pk=send.pk).update(state=state, **fields)
    send.refresh_from_db()
    return send
