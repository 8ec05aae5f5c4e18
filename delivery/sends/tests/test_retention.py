"""Purging by age: the rows go, every figure stays; and months are ready before they come."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from crm.contacts.tests.factories import ContactFactory
from crm.sales.models import Order
from delivery.engine.partitions import (
    event_months,
    event_partitions_make,
    ledger_partition_attach,
    ledger_partition_make,
)
from delivery.guardrails.models import SendingPolicy
from delivery.sends.models import Batch, Delivery, Link, Send, Variant
from delivery.sends.results import link_results
from delivery.sends.retention import outdated, purge
from delivery.sends.tests.factories import VariantFactory
from delivery.sends.variant_counts import click_counts, variant_counts
from delivery.tracking.entries import Entry, entry_new
from delivery.tracking.models import Engagement, Event
from delivery.tracking.store import events_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SignedIn = Callable[[User], Client]


def at(entry: Entry, when: datetime) -> Entry:
    return entry._replace(at=int(when.timestamp() * 1e6))


@pytest.fixture
def variant() -> Variant:
    """Sent in March; three people clicked and opened in March and April, one of them again in November."""
    variant = VariantFactory.create(send__launched_at=datetime(2026, 3, 30, tzinfo=UTC), send__state="finished")
    Send.objects.filter(pk=variant.send_id).update(finished_at=datetime(2026, 3, 30, 1, tzinfo=UTC))
    links = [
        Link.objects.create(send=variant.send, variant=variant, position=n, url=f"https://s.example/{n}")
        for n in (1, 2)
    ]
    assert links
    people = ContactFactory.create_batch(3)
    march = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    for person in people:
        Delivery.objects.create(
            send_id=variant.send_id, contact_id=person.pk, variant_id=variant.pk, batch=1, state="sent",
            changed_at=march - timedelta(days=1), address=person.email,
        )  # fmt: skip
    Batch.objects.create(send=variant.send, number=1, variant_id=variant.pk, state="done", size=3, sent=3)
    made = [
        at(entry_new("click", variant.send_id, people[0].pk, link=1), march),
        at(entry_new("click", variant.send_id, people[0].pk, link=2), march + timedelta(seconds=30)),
        at(entry_new("click", variant.send_id, people[1].pk, link=1), march),
        at(entry_new("open", variant.send_id, people[2].pk, machine="apple_privacy"), march),
        at(entry_new("click", variant.send_id, people[1].pk, link=1), NOW),
    ]
    events_store(made)
    return variant


def keep(*, events: int | None = None, ledger: int | None = None) -> None:
    SendingPolicy.objects.update_or_create(pk=1, defaults={"keep_events_months": events, "keep_ledger_months": ledger})


def figures(variant: Variant) -> object:
    send = Send.objects.get(pk=variant.send_id)
    return (
        variant_counts(send),
        link_results(send),
        click_counts(send),
        list(Engagement.objects.order_by("contact_id").values_list("clicks", "opens", "links", "first_click_at")),
    )


def test_by_default_everything_is_kept(variant: Variant) -> None:
    assert outdated(now=NOW + timedelta(days=9000)).months == ()
    assert purge(now=NOW + timedelta(days=9000)) == (0, 0)
    assert Event.objects.count() == 5


def test_old_events_go_and_every_figure_stays(variant: Variant) -> None:
    before = figures(variant)
    keep(events=6)
    assert outdated(now=NOW).months == ((date(2026, 3, 1), 3), (date(2026, 4, 1), 1))
    assert purge(now=NOW) == (2, 0)
    assert Event.objects.count() == 1
    assert figures(variant) == before
    assert purge(now=NOW) == (0, 0)
    assert figures(variant) == before


def test_what_comes_after_adds_to_what_was_kept(variant: Variant) -> None:
    keep(events=6)
    purge(now=NOW)
    first = Delivery.objects.order_by("contact_id")[0].contact_id
    late = at(entry_new("click", variant.send_id, first, link=2), NOW)
    events_store([late])
    events_store([late])
    row = Engagement.objects.get(contact_id=first)
    assert (row.clicks, row.human_clicks, len(row.links)) == (3, 3, 2)
    assert row.first_click_at == datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    assert sorted(click_counts(variant.send).values()) == [(2, 2), (3, 3)]


def test_an_age_counts_whole_months(variant: Variant) -> None:
    keep(events=7)
    assert [month for month, _ in outdated(now=NOW).months] == [date(2026, 3, 1)]
    assert outdated(now=datetime(2026, 10, 31, 23, 59, tzinfo=UTC)).months == ()
    keep(events=8)
    assert outdated(now=NOW).months == ()


def test_a_months_partition_goes_as_a_table() -> None:
    event_partitions_make(today=date(2020, 1, 15), ahead=0)
    assert event_months(before=date(2020, 3, 1)) == [date(2020, 1, 1)]
    keep(events=2)
    assert purge(now=NOW)[0] == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('delivery_event_2020_01')")
        assert cursor.fetchone()[0] is None


def test_an_old_ledger_goes_and_the_sums_and_the_test_stay(variant: Variant) -> None:
    buyer = Delivery.objects.order_by("contact_id")[0]
    Order.objects.create(
        contact_id=buyer.contact_id, placed_at=buyer.changed_at + timedelta(days=2), gross=10, net=10, currency="EUR"
    )
    send = Send.objects.get(pk=variant.send_id)
    before = variant_counts(send)
    assert before[0].orders == 1
    keep(ledger=7)
    assert [(gone.pk, count) for gone, count in outdated(now=NOW).sends] == [(send.pk, 3)]
    assert purge(now=NOW) == (0, 1)
    assert not Delivery.objects.exists()
    send.refresh_from_db()
    assert send.ledger_purged_at is not None
    assert variant_counts(send) == before
    assert purge(now=NOW) == (0, 0)


def test_a_large_ledger_goes_with_its_partition(variant: Variant) -> None:
    ledger_partition_make(2_000_000)
    ledger_partition_attach(2_000_000)
    large = VariantFactory.create(
        send__pk=2_000_000, send__state="cancelled", send__launched_at=datetime(2025, 1, 1, tzinfo=UTC)
    )
    keep(ledger=12)
    assert purge(now=NOW) == (0, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('delivery_delivery_s2000000')")
        assert cursor.fetchone()[0] is None
    assert Delivery.objects.filter(send_id=variant.send_id).count() == 3
    assert large.send_id


def test_what_is_not_over_keeps_its_ledger(variant: Variant) -> None:
    Send.objects.filter(pk=variant.send_id).update(state="paused")
    keep(ledger=2)
    assert outdated(now=NOW).sends == ()


def test_the_command_says_and_does(variant: Variant) -> None:
    keep(events=2, ledger=2)
    said = StringIO()
    call_command("purge", "--dry-run", stdout=said)
    assert Event.objects.filter(at__lt=NOW - timedelta(days=90)).count() == 4
    assert "events of 2026-03: 3" in said.getvalue()
    assert f"({variant.send.public_id}): 3" in said.getvalue()
    call_command("purge", stdout=said)
    assert Event.objects.filter(at__lt=NOW - timedelta(days=90)).count() == 0


@pytest.mark.parametrize("today", [date(2031, 10, 31), date(2031, 12, 31), date(2032, 1, 1)])
def test_months_are_made_ahead_over_the_turn_of_the_year(today: date) -> None:
    made = event_partitions_make(today=today)
    first = today.replace(day=1)
    months = [first]
    for _turn in range(3):
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    assert made == [f"delivery_event_{month:%Y_%m}" for month in months]
    assert event_partitions_make(today=today) == []
    variant = VariantFactory.create()
    contact = ContactFactory.create().pk
    Delivery.objects.create(send_id=variant.send_id, contact_id=contact, batch=1, state="sent")
    for month in months:
        midnight = datetime(month.year, month.month, 1, tzinfo=UTC)
        events_store([at(entry_new("open", variant.send_id, contact), midnight)])
        with connection.cursor() as cursor:
            table = f"delivery_event_{month:%Y_%m}"
            cursor.execute("SELECT count(*) FROM delivery_event WHERE tableoid = %s::regclass", [table])
            assert cursor.fetchone()[0] == 1


def test_the_director_sets_it_and_sees_what_would_go(director: User, signed_in: SignedIn, variant: Variant) -> None:
    client = signed_in(director)
    assert client.post("/email/settings/kept/", {"keep_events_months": "1"}).status_code == 422
    assert (
        client.post("/email/settings/kept/", {"keep_events_months": "2", "keep_ledger_months": ""}).status_code == 302
    )
    assert (SendingPolicy.get().keep_events_months, SendingPolicy.get().keep_ledger_months) == (2, None)
    assert AuditEntry.objects.filter(action="retention_save").count() == 1
    assert b"events of March 2026" in client.get("/email/settings/").content
    client.post("/email/settings/", {"cap_messages": "2", "cap_days": "7", "late_start_minutes": "30"})
    assert SendingPolicy.get().keep_events_months == 2
