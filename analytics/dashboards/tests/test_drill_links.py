"""Every number opens the list of exactly the rows it counts, and none stands there without a list."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.db.models import F, Sum
from django.test import Client

from accounts.people.models import User
from analytics.dashboards.drill_links import rows_url
from analytics.dashboards.funnel import people_behind
from core.kpis import kpis
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.forms.models import LeadForm, LeadFormSubmission
from crm.forms.services import lead_form_save
from crm.leads.models import Lead
from crm.leads.tests.factories import LeadFactory
from crm.sales.models import Order
from crm.sales.services import order_figures_refresh
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer
from marketing.spend.models import SpendEntry

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAYS = "from=2026-03-01&to=2026-03-31"
BARE = re.compile(r"€?[\d,]+(\.\d\d)?")
ROWS = re.compile(r"([\d,]+)\s+rows?\b")
PAGES = ["/overview/", "/demand/", "/demand/funnel/", "/relationship/nps/", "/attend/mini-lists/"]
VOID = {"br", "hr", "img", "input", "meta", "link", "wbr"}
NO_FIGURE = {"n-scale", "n-effect"}  # the marks of a scale; one person's answer


@dataclass(frozen=True)
class Number:
    """A number as it stands on a page, and where it leads."""

    text: str
    url: str | None


class Numbers(HTMLParser):
    """Collects every number of the page's content that stands by itself, ratios left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[Number] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A part of a picture."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = data.strip()
        tags = [tag for tag, _attributes in self.open]
        if "main" not in tags or {"script", "form"} & set(tags) or not BARE.fullmatch(text) or self._is_no_figure():
            return
        links = [attributes["href"] for tag, attributes in self.open if tag == "a"]
        self.found.append(Number(text.lstrip("€"), links[-1] if links else None))

    def _is_no_figure(self) -> bool:
        for _tag, attributes in self.open:
            code = attributes.get("data-kpi") or attributes.get("data-value")
            if (code and kpis[code].denominator) or NO_FIGURE & set((attributes.get("class") or "").split()):
                return True
        return False


@pytest.fixture
def _events(owner: User, teammate: User, director: User) -> None:
    """Leads and first sales that count for different people and channels than their own columns say."""
    ads, blog = ChannelFactory.create(name="Ads"), ChannelFactory.create(name="Blog", archived_at=AT)
    first, second, third, fourth, fifth = ContactFactory.create_batch(5)
    MiniListMembership.objects.create(contact=first, owner=teammate, since=AT - timedelta(days=9))
    LeadFactory.create(contact=first, channel=ads, owner=owner, occurred_at=AT, attended_by="sales_force")
    LeadFactory.create(contact=second, channel=ads, owner=owner, occurred_at=AT)
    LeadFactory.create(contact=second, channel=blog, occurred_at=AT + timedelta(days=1))
    asked = LeadFactory.create(contact=third, channel=blog, occurred_at=AT)
    LeadFactory.create(contact=fifth, channel=ads, occurred_at=AT, attended_by="sales_force")
    LeadFactory.create(contact=fifth, channel=ads, occurred_at=AT - timedelta(days=60), attended_by="ecommerce")
    form = LeadForm(name="Catalogue", title="Catalogue", channel=ads, thank_you="Thanks")
    lead_form_save(form=form, actor=director)
    LeadFormSubmission.objects.create(key="k", form=form, lead=asked)
    for contact, channel in ((first, blog), (second, None), (fourth, ads), (third, None)):
        OrderFactory.create(contact=contact, channel=channel, placed_at=AT + timedelta(days=2), gross=10, net=10)
    order_figures_refresh(contact_ids=[first.pk, second.pk, third.pk, fourth.pk])
    for channel, amount in ((ads, "120.50"), (ads, "9.10"), (blog, "30.25")):
        SpendEntry.objects.create(channel=channel, day=AT.date(), amount=Decimal(amount), currency="EUR")
    for score in (10, 9, 8, 2):
        NpsAnswer.objects.create(score=score, answered_at=AT, comment="So it is" if score == 2 else "")
    assert (Lead.objects.count(), Order.objects.count()) == (6, 4)


def listed(client: Client, number: Number) -> str:
    """What the list behind a number adds up to: its rows, or their amounts."""
    assert number.url, number
    answer = client.get(number.url)
    assert answer.status_code == 200, number
    if "." in number.text:
        return f"{answer.context['table'].queryset.aggregate(sum=Sum(F('amount') * F('rate')))['sum']:,.2f}"
    found = ROWS.search(answer.content.decode())
    return found[1] if found else "0"


@pytest.mark.usefixtures("_events")
@pytest.mark.parametrize("page", PAGES)
def test_each_number_opens_its_rows(client: Client, director: User, page: str) -> None:
    client.force_login(director)
    found = Numbers(client.get(f"{page}?{DAYS}").content.decode()).found
    assert len(found) > 4
    without_list = [number for number in found if number.text not in {"0", "0.00"} and not number.url]
    assert without_list == []
    for number in {it for it in found if it.url}:
        assert listed(client, number) == number.text, number


def test_a_figure_without_a_list_is_noticed() -> None:
    page = '<main><b>12</b><a href="/x/">13</a><td data-kpi="cpl">€3.10</td><td data-kpi="spend">€9.00</td></main>'
    assert Numbers(page).found == [Number("12", None), Number("13", "/x/"), Number("9.00", None)]


@pytest.mark.usefixtures("_events")
def test_the_steps_of_the_funnel(client: Client, director: User) -> None:
    """Five leads by four people: one whom nobody has answered, three who bought."""
    client.force_login(director)
    steps = client.get(f"/demand/funnel/?{DAYS}").context["steps"]
    assert [(str(step["label"]), step["count"], step["share"]) for step in steps] == [
        ("Leads", 5, 100),
        ("Contacts behind the leads", 4, 80),
        ("Answered", 3, 60),
        ("Qualified or later", 3, 60),
        ("Customers", 3, 60),
    ]


@pytest.mark.usefixtures("_events")
def test_who_reached_a_step_reached_those_before(director: User) -> None:
    """Somebody qualified by hand, whom nobody has written to, does not make the funnel grow."""
    fifth = Contact.objects.get(first_order_at=None)
    fifth.stage = Contact.Stage.OPPORTUNITY
    fifth.save()
    leads, people = Lead.objects.filter(occurred_at__gte=AT), Contact.objects.visible_to(director)
    counts = [people_behind(leads, people, step).count() for step in ("", "answered", "qualified", "customer")]
    assert counts == [4, 4, 4, 3]
    Contact.objects.filter(pk=fifth.pk).update(stage=Contact.Stage.LOST)
    assert people_behind(leads, people, "qualified").count() == 3
    fifth.stage_changes.create(before="lead", after="qualified", reason="person:x")
    assert people_behind(leads, people, "qualified").count() == 4


@pytest.mark.usefixtures("_events")
def test_an_answer_counts_for_the_leads_of_these_days_only(client: Client, director: User) -> None:
    """The shop attended to an older lead of theirs; the one of these days waits."""
    client.force_login(director)
    fifth = Contact.objects.get(first_order_at=None)
    rows = client.get("/demand/funnel/people/?day_from=2026-03-01&day_to=2026-03-31&reached=answered").context["table"]
    assert fifth not in rows.queryset
    rows = client.get("/demand/funnel/people/?reached=answered").context["table"]
    assert fifth in rows.queryset


@pytest.mark.usefixtures("_events")
def test_leads_of_first_sales_are_the_latest_before_them() -> None:
    assert sorted((lead.contact.pk, lead.occurred_at) for lead in Lead.objects.of_first_sales()) == sorted(
        (contact.pk, contact.leads.order_by("-occurred_at")[0].occurred_at)
        for contact in Contact.objects.customers().filter(leads__isnull=False).distinct()
    )


def test_waiting_leads_are_those_of_the_alert(client: Client, director: User) -> None:
    """Answers are late after two days, on the page and in its list alike."""
    now = datetime.now(tz=UTC)
    LeadFactory.create(attended_by="sales_force", occurred_at=now - timedelta(days=3))
    LeadFactory.create(attended_by="sales_force", occurred_at=now - timedelta(hours=3))
    client.force_login(director)
    assert client.get("/demand/funnel/").context["waiting"] == 1
    assert listed(client, Number("1", "/leads/?state=waiting")) == "1"
    assert listed(client, Number("2", "/leads/?state=unattended")) == "2"


def test_a_ratio_has_no_rows_of_its_own() -> None:
    day = AT.date()
    assert rows_url("cpl", start=day, end=day) == ""
    assert rows_url("spend", start=day, end=day, by="salesperson", key="x") == ""
    assert rows_url("leads", start=day, end=day, by="channel").endswith(
        "?day_from=2026-03-10&day_to=2026-03-10&channel=none"
    )
