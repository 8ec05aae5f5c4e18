"""Every way from one stage to another, who may take it, and the history it leaves."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from core.errors import DomainError
from crm.channels.tests.factories import ChannelFactory
from crm.contacts.lifecycle import (
    LeadMoment,
    contact_stage_set,
    next_stages,
    stage_move,
    stages_after_leads,
    stages_after_orders,
    stages_after_scoring,
)
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.contacts.timeline import stage_events
from crm.leads.services import LeadPerson, lead_record
from crm.leads.tests.factories import LeadFactory
from crm.sales.services import order_figures_refresh
from crm.sales.tests.factories import OrderFactory
from crm.scoring.services.rfm import rfm_score
from crm.surveys.services import nps_answer_record

pytestmark = pytest.mark.django_db
Stage = Contact.Stage
ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
LONG_AGO = AT - timedelta(days=400)
ALL = tuple(Stage.values)
BEFORE_ORDERS = ("subscriber", "lead", "qualified", "opportunity")
SignedIn = Callable[[User], Client]


def contact(stage: str = "subscriber", since: datetime = LONG_AGO, **fields: object) -> Contact:
    return ContactFactory.create(stage=stage, stage_since=since, **fields)


def now(contact: Contact) -> str:
    contact.refresh_from_db()
    return contact.stage


def steps(contact: Contact) -> list[tuple[str, str, str]]:
    return list(contact.stage_changes.order_by("pk").values_list("before", "after", "reason"))


# --- Leads -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("stage", ALL)
def test_a_lead_makes_a_lead_of_those_without_one(stage: str) -> None:
    known = contact(stage, first_order_at=LONG_AGO)
    stages_after_leads([LeadMoment(known.pk, "seo", AT)])
    assert now(known) == ("lead" if stage == "subscriber" else stage)
    assert steps(known) == ([("subscriber", "lead", "lead:seo")] if stage == "subscriber" else [])


@pytest.mark.parametrize("stage", ["at_risk", "lost"])
def test_a_lead_brings_back_who_was_given_up_before_an_order(stage: str) -> None:
    known = contact(stage, since=AT)
    assert stages_after_leads([LeadMoment(known.pk, "seo", AT - timedelta(days=1))]) == 0
    assert stages_after_leads([LeadMoment(known.pk, "seo", AT + timedelta(days=1))]) == 1
    assert (now(known), steps(known)) == ("lead", [(stage, "lead", "lead:seo")])


def test_many_leads_take_one_statement_and_the_earliest_counts(django_assert_num_queries) -> None:
    people = [contact() for _n in range(3)]
    events = [LeadMoment(one.pk, f"c{n}", AT + timedelta(days=5 - n)) for n in range(3) for one in people]
    with django_assert_num_queries(1):
        assert stages_after_leads(events) == 3
    assert [steps(one) for one in people] == [[("subscriber", "lead", "lead:c2")]] * 3
    assert stages_after_leads([]) == stages_after_leads(events) == 0


# --- Orders ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("stage", ALL)
@pytest.mark.parametrize("orders", [1, 2])
def test_orders_make_customers_and_then_repeat_customers(stage: str, orders: int) -> None:
    known = contact(stage)
    for day in range(orders):
        OrderFactory.create(contact=known, placed_at=AT + timedelta(days=day))
    order_figures_refresh(contact_ids=[known.pk])
    first, second = (stage, "customer", "order:first"), ("customer", "repeat", "order:second")
    if stage in BEFORE_ORDERS:
        expected = [first, second][:orders]
    elif stage == "customer":
        expected = [second][: orders - 1]
    elif stage in {"at_risk", "lost"}:
        expected = [first] if orders == 1 else [(stage, "repeat", "order:again")]
    else:
        expected = []
    assert steps(known) == expected
    assert now(known) == (expected[-1][1] if expected else stage)
    order_figures_refresh()
    assert steps(known) == expected


def test_an_order_from_before_brings_nobody_back() -> None:
    known = contact("at_risk", since=AT)
    OrderFactory.create(contact=known, placed_at=AT - timedelta(days=1))
    order_figures_refresh(contact_ids=[known.pk])
    assert now(known) == "at_risk"


def test_a_step_is_dated_by_its_order() -> None:
    known = contact()
    orders = "SELECT %(id)s AS contact_id, %(a)s AS first_at, %(b)s AS second_at, %(b)s AS last_at"
    assert stages_after_orders(orders=orders, parameters={"id": known.pk, "a": LONG_AGO, "b": AT}) == 1
    known.refresh_from_db()
    assert (known.stage, known.stage_since) == ("repeat", AT)
    assert list(known.stage_changes.order_by("pk").values_list("at", flat=True)) == [LONG_AGO, AT]


# --- Scoring -----------------------------------------------------------------------------------------------------
def scored(contact: Contact, days: int, reading: str) -> int:
    """What a scoring says about a contact: fading, gone or neither."""
    scores = (
        f"SELECT {contact.pk} AS contact_id, {days} AS days, '{reading}' = 'fading' AS is_fading,"
        f" '{reading}' = 'gone' AS is_gone"
    )
    return stages_after_scoring(scores=scores, at=AT)


@pytest.mark.parametrize("stage", ALL)
@pytest.mark.parametrize(
    ("days", "reading", "after"),
    [
        (400, "", ""),
        (89, "gone", ""),
        (89, "fading", ""),
        (90, "fading", "at_risk"),
        (179, "gone", "at_risk"),
        (180, "gone", "lost"),
        (364, "fading", "at_risk"),
        (365, "fading", "lost"),
    ],
)
def test_who_stays_away_is_at_risk_and_then_lost(stage: str, days: int, reading: str, after: str) -> None:
    known = contact(stage)
    moves = stage in {"customer", "repeat", "promoter"} or (stage, after) == ("at_risk", "lost")
    scored(known, days, reading)
    expected = [(stage, after, f"rfm:{after}:{days}")] if after and moves else []
    assert steps(known) == expected
    assert now(known) == (after if expected else stage)
    assert scored(known, days, reading) == 0


def test_scoring_leaves_a_stage_alone_for_ninety_days() -> None:
    fresh, old = contact("promoter", since=AT - timedelta(days=89)), contact("promoter", since=AT - timedelta(days=90))
    assert (scored(fresh, 500, "gone"), scored(old, 500, "gone")) == (0, 1)


@pytest.mark.parametrize(("orders", "stage"), [(1, "customer"), (2, "repeat")])
def test_an_order_that_came_in_late_brings_back_who_scoring_gave_up(orders: int, stage: str) -> None:
    known = contact("repeat", order_count=orders)
    scored(known, 200, "gone")
    assert scored(known, 90, "") == 0
    assert scored(known, 30, "") == 1
    assert steps(known)[1:] == [("lost", stage, "rfm:back:30")]


def test_scoring_brings_back_nobody_whom_a_person_or_an_answer_gave_up(marketer: User) -> None:
    lost, risky = contact("repeat", order_count=2), contact("repeat", order_count=2)
    contact_stage_set(contact=lost, stage="lost", actor=marketer)
    nps_answer_record(score=2, invitation="one", contact=risky)
    assert (scored(lost, 30, ""), scored(risky, 30, "")) == (0, 0)
    assert (now(lost), now(risky)) == ("lost", "at_risk")


def test_the_scoring_moves_customers_and_a_scoring_as_of_another_day_does_not() -> None:
    people = [contact() for _n in range(10)]
    for months, person in enumerate(people):
        for day in range(1 + months % 2):
            OrderFactory.create(contact=person, placed_at=AT - timedelta(days=60 * months + day))
    order_figures_refresh()
    rfm_score(as_of=(AT + timedelta(days=30)).date())
    assert {now(person) for person in people} == {"customer", "repeat"}
    rfm_score()
    moved = {person.stage for person in people if now(person) in {"at_risk", "lost"}}
    assert moved == {"at_risk", "lost"}
    last = people[-1]
    last.refresh_from_db()
    assert (last.stage, last.stage_since.date()) == ("lost", (AT + timedelta(days=2)).date())
    OrderFactory.create(contact=last, placed_at=AT + timedelta(days=5))
    order_figures_refresh(contact_ids=[last.pk])
    assert (now(last), steps(last)[-1]) == ("repeat", ("lost", "repeat", "order:again"))


# --- People ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("orders", "refused"), [(0, set()), (1, set(BEFORE_ORDERS)), (2, {*BEFORE_ORDERS, "customer"})]
)
@pytest.mark.parametrize("stage", ALL)
def test_a_person_sets_any_stage_the_orders_allow(marketer: User, stage: str, orders: int, refused: set[str]) -> None:
    before = "promoter" if stage == "lost" else "lost"
    known = contact(before, order_count=orders)
    if stage in refused:
        with pytest.raises(DomainError) as error:
            contact_stage_set(contact=known, stage=stage, actor=marketer)
        assert error.value.code == "stage_behind_orders"
        assert (now(known), steps(known), AuditEntry.objects.count()) == (before, [], 0)
        return
    assert contact_stage_set(contact=known, stage=stage, actor=marketer)
    assert not contact_stage_set(contact=known, stage=stage, actor=marketer)
    assert (now(known), steps(known)) == (stage, [(before, stage, f"person:{marketer.public_id}")])
    entry = AuditEntry.objects.get(action="contact_stage_set")
    assert (entry.actor, entry.object_label, entry.changes) == (marketer, str(known), {"stage": [before, stage]})


def test_there_are_nine_stages_only(marketer: User) -> None:
    with pytest.raises(DomainError) as error:
        contact_stage_set(contact=contact(), stage="friend", actor=marketer)
    assert error.value.code == "stage_unknown"


def test_the_steps_ahead_are_offered_before_the_first_order() -> None:
    offered = {stage: next_stages(contact(stage)) for stage in ALL}
    assert offered == {
        **{stage: [] for stage in ALL},
        "subscriber": ["qualified", "opportunity"],
        "lead": ["qualified", "opportunity"],
        "qualified": ["opportunity"],
    }
    assert next_stages(contact("lead", order_count=1)) == []


def test_the_page_of_a_contact_changes_its_stage(marketer: User, signed_in: SignedIn) -> None:
    known, client = contact("lead"), signed_in(marketer)
    page = f"/contacts/{known.public_id}/"
    shown = client.get(page).content.decode()
    assert "Mark as qualified" in shown
    assert "Mark as opportunity" in shown
    assert client.post(f"{page}stage/", {"stage": "qualified"}).headers["Location"] == page
    assert now(known) == "qualified"
    shown = client.get(page).content.decode()
    assert "Mark as qualified" not in shown
    assert f"· {marketer}" in shown
    refused = client.post(f"{page}stage/", {"stage": "friend"})
    assert refused.status_code == 422
    assert (now(known), client.get(f"{page}stage/").status_code) == ("qualified", 405)


def test_who_may_set_a_stage(
    director: User, designer: User, analyst: User, owner: User, outsider: User, signed_in: SignedIn
) -> None:
    known = contact("lead")
    MiniListMembership.objects.create(contact=known, owner=owner)
    url = f"/contacts/{known.public_id}/stage/"
    wanted = [(outsider, 404), (analyst, 403), (designer, 403), (owner, 302), (director, 302)]
    for user, status in wanted:
        stage = "opportunity" if user == director else "qualified"
        assert signed_in(user).post(url, {"stage": stage}).status_code == status, user
    assert [step[1] for step in steps(known)] == ["qualified", "opportunity"]
    assert signed_in(director).post("/contacts/none/stage/", {"stage": "lead"}).status_code == 404


def test_a_lead_s_page_marks_its_contact_as_qualified(
    marketer: User, owner: User, analyst: User, signed_in: SignedIn
) -> None:
    known = contact("lead")
    lead = LeadFactory.create(contact=known, owner=owner)
    page = f"/leads/{lead.public_id}/"
    assert "Mark as qualified" not in signed_in(analyst).get(page).content.decode()
    # The lead is theirs; the contact is on nobody's list, so it is not theirs to change.
    assert "Mark as qualified" not in signed_in(owner).get(page).content.decode()
    assert "Mark as qualified" in signed_in(marketer).get(page).content.decode()
    url = f"/contacts/{known.public_id}/stage/"
    body = {"stage": "qualified", "next": page}
    assert signed_in(marketer).post(url, body).headers["Location"] == page
    elsewhere = {"stage": "opportunity", "next": "https://elsewhere.example/"}
    assert signed_in(marketer).post(url, elsewhere).headers["Location"] == f"/contacts/{known.public_id}/"


# --- Together ----------------------------------------------------------------------------------------------------
def test_one_contact_reaches_all_nine_stages(marketer: User) -> None:
    channel = ChannelFactory.create(code="ads")
    lead, _created = lead_record(person=LeadPerson(email="ada@example.com"), channel=channel, occurred_at=LONG_AGO)
    ada = lead.contact
    contact_stage_set(contact=ada, stage="qualified", actor=marketer)
    contact_stage_set(contact=ada, stage="opportunity", actor=marketer)
    for days in (0, 10):
        OrderFactory.create(contact=ada, placed_at=LONG_AGO + timedelta(days=days))
        order_figures_refresh(contact_ids=[ada.pk])
    nps_answer_record(score=10, invitation="one", contact=ada, answered_at=LONG_AGO + timedelta(days=20))
    Contact.objects.filter(pk=ada.pk).update(stage_since=LONG_AGO)
    scored(ada, 120, "gone")
    Contact.objects.filter(pk=ada.pk).update(stage_since=LONG_AGO)
    scored(ada, 390, "gone")
    assert [step[1] for step in steps(ada)] == list(ALL)[1:]
    assert [step[0] for step in steps(ada)] == list(ALL)[:-1]
    told = {event.text for event in stage_events(ada, marketer, None, 20)}
    assert told == {
        "",
        "A lead was recorded.",
        "The first order was placed.",
        "The second order was placed.",
        "The answer to the survey was 10.",
        "No order was placed for 120 days.",
        "No order was placed for 390 days.",
    }


def test_a_contact_that_moved_meanwhile_is_left_where_it_is() -> None:
    known = contact("lead")
    Contact.objects.filter(pk=known.pk).update(stage="customer")
    assert not stage_move(contact=known, after="qualified", reason="person:x", at=AT)
    assert (now(known), steps(known)) == ("customer", [])


def test_every_stage_change_goes_through_the_life_cycle() -> None:
    """No other module writes a stage or its history."""
    writes = re.compile(
        r"StageChange\.objects\.(?:bulk_)?create|INTO crm_stagechange|\bSET stage\b|\.stage = |update\([^)]*\bstage="
    )
    files = [
        path
        for app in ("core", "accounts", "crm", "marketing", "delivery", "campaigns", "analytics", "tools")
        for path in (ROOT / app).rglob("*.py")
        if "tests" not in path.parts and "migrations" not in path.parts
    ]
    assert len(files) > 300
    found = {
        str(path.relative_to(ROOT))
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if writes.search(line) and "self.stage" not in line
    }
    assert found == {"crm/contacts/lifecycle.py"}
