"""A list costs as many queries for ten rows as for one."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit.services import audit_record
from accounts.people.models import Team
from accounts.people.tests.factories import UserFactory
from accounts.tokens.services import token_create
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.content.models import EmailTemplate
from campaigns.experiments.models import Experiment
from campaigns.letters.tests.factories import letter_make
from core.ids import public_id
from crm.brands.tests.factories import BrandFactory
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.forms.services import lead_form_submit
from crm.forms.tests.factories import make_lead_form
from crm.imports.tests.routes import import_file
from crm.leads.tests.factories import LeadFactory
from crm.sales.tests.factories import OrderFactory
from crm.scoring.models import RfmScore, RfmSegment
from crm.scoring.tests.factories import RfmRunFactory
from crm.surveys.models import NpsAnswer
from delivery.sends.models import Send
from delivery.sends.tests.factories import put, willing
from marketing.planning.models import KpiTarget
from marketing.propositions.tests.factories import PropositionVersionFactory, ValuePropositionFactory
from marketing.segments.tests.factories import SegmentFactory
from marketing.spend.services import Money, spend_record
from tests.matrix.registry import Cast

pytestmark = pytest.mark.django_db
MANY = 10


def customer(cast: Cast, number: int) -> None:
    """Somebody with all that a list of people shows: an order, a lead, a salesperson, a score."""
    contact = ContactFactory.create(channel=ChannelFactory.create())
    MiniListMembership.objects.create(contact=contact, owner=cast.owner)
    LeadFactory.create(contact=contact, owner=cast.owner, occurred_at=timezone.now() - timedelta(days=2))
    OrderFactory.create(contact=contact)
    contact.__class__.objects.filter(pk=contact.pk).update(first_order_at=timezone.now())
    run = RfmRunFactory.create()
    RfmScore.objects.create(
        run=run, contact=contact, segment=RfmSegment.objects.all()[0], recency_days=number, frequency=1, monetary=9,
        r=1, f=1, m=1,
    )  # fmt: skip


def order(cast: Cast, number: int) -> None:
    OrderFactory.create(channel=ChannelFactory.create())


def imported(cast: Cast, number: int) -> None:
    import_file()


def nps_answer(cast: Cast, number: int) -> None:
    NpsAnswer.objects.create(
        contact=ContactFactory.create(), channel=ChannelFactory.create(), score=9, invitation=public_id()
    )


def sent_campaign(cast: Cast, number: int) -> None:
    campaign = campaign_make(cast.marketer, segment=SegmentFactory.create())
    put(campaign.send, Send.State.FINISHED, launched_at=timezone.now(), launched_by=cast.marketer)


def learning(cast: Cast, number: int) -> None:
    sent_campaign(cast, number)
    campaign = Campaign.objects.latest("pk")
    Experiment.objects.filter(send=campaign.send).update(
        concluded_at=timezone.now(),
        verdict=Experiment.Verdict.WINNER,
        winner=campaign.send.variants.get(label="B"),
        learning="Questions work.",
    )


def letter(cast: Cast, number: int) -> None:
    author = UserFactory.create(role="salesperson")
    made = letter_make(author, willing(1, owner=author))
    put(made.send, Send.State.FINISHED, launched_at=timezone.now())


def own_letter(cast: Cast, number: int) -> None:
    letter_make(cast.owner, willing(1, owner=cast.owner))


def template(cast: Cast, number: int) -> None:
    EmailTemplate.objects.create(brand=BrandFactory.create(), name=f"Template {number}", use="campaign", body="Hi")


def segment(cast: Cast, number: int) -> None:
    made = SegmentFactory.create(owner=UserFactory.create())
    ValuePropositionFactory.create(segment=made, name=f"Tea {number}")
    campaign_make(cast.marketer, segment=made, ready=False)


def proposition(cast: Cast, number: int) -> None:
    PropositionVersionFactory.create(
        proposition=ValuePropositionFactory.create(name=f"Tea {number}", owner=cast.marketer), state="in_force"
    )


def spend(cast: Cast, number: int) -> None:
    day = date(2026, 3, 1) + timedelta(days=number)
    spend_record(channel=ChannelFactory.create(), day=day, money=Money(Decimal(5)), actor=cast.marketer)


def target(cast: Cast, number: int) -> None:
    day = date(2026, 3, 1) + timedelta(days=number)
    KpiTarget.objects.create(kpi="cpl", starts_on=day, ends_on=day, value=Decimal(20))


def lead_form(cast: Cast, number: int) -> None:
    form = make_lead_form(channel=ChannelFactory.create())
    lead_form_submit(form=form, key=public_id(), email=f"p{number}@example.com", values={}, consent=True, utm={})


def person(cast: Cast, number: int) -> None:
    UserFactory.create(role="salesperson", team=Team.objects.create(name=f"Team {number}"))


def token(cast: Cast, number: int) -> None:
    token_create(
        user=cast.director,
        name=f"Token {number}",
        scope_codes=["leads:write"],
        expires_at=timezone.now() + timedelta(days=9),
        actor=cast.director,
    )


def audit(cast: Cast, number: int) -> None:
    audit_record(actor=UserFactory.create(), action="user_change", subject=cast.owner, changes={"role": ("a", "b")})


Make = Callable[[Cast, int], None]
LISTS: dict[str, tuple[str, Make]] = {
    "contact_list": ("director", customer),
    "order_list": ("director", order),
    "import_list": ("director", imported),
    "lead_list": ("director", customer),
    "lead_form_list": ("director", lead_form),
    "my_day": ("owner", customer),
    "my_customers": ("owner", customer),
    "my_results": ("owner", customer),
    "minilist_list": ("director", customer),
    "segment_list": ("director", segment),
    "segment_map": ("director", segment),
    "proposition_list": ("director", proposition),
    "spend_list": ("director", spend),
    "spend_grid": ("director", spend),
    "target_list": ("director", target),
    "campaign_list": ("director", sent_campaign),
    "email_overview": ("director", learning),
    "learning_list": ("director", learning),
    "letter_list": ("director", letter),
    "write": ("owner", own_letter),
    "template_list": ("director", template),
    "api_campaign_list": ("director", sent_campaign),
    "overview": ("director", customer),
    "new_customer_list": ("director", customer),
    "channel_overview": ("director", customer),
    "funnel": ("director", customer),
    "nps_overview": ("director", nps_answer),
    "nps_list": ("director", nps_answer),
    "people_list": ("director", person),
    "team_list": ("director", person),
    "token_list": ("director", token),
    "audit_list": ("director", audit),
}


def cost(client: Client, url: str) -> tuple[int, int]:
    """(queries, length) of the answer, when what is kept between requests is known."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    return len(queries), len(response.content)


@pytest.mark.parametrize("name", LISTS)
def test_ten_rows_cost_what_one_costs(name: str, client: Client) -> None:
    actor, make = LISTS[name]
    cast = Cast()
    client.force_login(getattr(cast, actor))
    make(cast, 0)
    one, short = cost(client, reverse(name))
    for number in range(1, MANY):
        make(cast, number)
    many, long = cost(client, reverse(name))
    assert long > short
    assert many == one
