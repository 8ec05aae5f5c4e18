"""Campaigns ready to launch, for tests."""

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import campaign_create
from campaigns.experiments.models import Experiment
from crm.consent.tests.factories import ConsentTopicFactory
from delivery.senders.tests.factories import identity_make
from delivery.sends.models import Variant
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
