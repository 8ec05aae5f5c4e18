"""The lists of segments and propositions: what is shown, narrowed, sorted, taken along, put away and brought back."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from crm.contacts.tests.factories import ContactFactory
from marketing.propositions.models import ValueProposition
from marketing.propositions.services import propositions_archive, propositions_restore
from marketing.propositions.tests.factories import PropositionVersionFactory, ValuePropositionFactory
from marketing.segments.models import Segment, SegmentSize
from marketing.segments.services import segments_archive, segments_restore
from marketing.segments.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def names(client: Client, url: str) -> list[str]:
    return [line.row.name for line in client.get(url).context["table"].lines]


def exported(client: Client, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    return list(csv.DictReader(b"".join(answer).decode("utf-8-sig").splitlines()))


def including(segment: Segment) -> dict[str, object]:
    return {"group": "all", "of": [{"field": "segment", "operator": "in_any_of", "value": [segment.public_id]}]}


def grown(name: str, before: int | None, now: int, **fields: object) -> Segment:
    """A segment counted on 31 May, with an earlier size."""
    at = datetime(2026, 5, 31, 12, tzinfo=UTC)
    segment: Segment = SegmentFactory.create(name=name, size=now, value=now * 10, counted_at=at, **fields)
    SegmentSize.objects.create(segment=segment, day=date(2026, 5, 31), size=now, value=0)
    if before is not None:
        SegmentSize.objects.create(segment=segment, day=date(2026, 4, 20), size=before, value=0)
    return segment


@pytest.mark.parametrize(
    ("days", "since", "growth"),
    [
        ({20: 9, 30: 4}, date(2026, 4, 30), Decimal("0.5")),  # the last one thirty days ago or earlier
        ({55: 8, 52: 3}, date(2026, 5, 22), Decimal(1)),  # younger: its first one
        ({61: 6}, None, None),  # only counted today
        ({}, None, None),
        ({20: 0}, date(2026, 4, 20), None),  # from nothing there is no rate
    ],
)
def test_growth_is_since_the_day_nearest_to_thirty_days_ago(
    days: dict[int, int], since: date | None, growth: Decimal | None
) -> None:
    segment = SegmentFactory.create(size=6, counted_at=datetime(2026, 5, 31, 12, tzinfo=UTC))
    for day, size in days.items():
        month, of_month = (4, day) if day <= 30 else (5, day - 30)
        SegmentSize.objects.create(segment=segment, day=date(2026, month, of_month), size=size, value=0)
    found: Any = Segment.objects.with_growth(today=date(2026, 5, 31), zone=ZoneInfo("UTC")).get()
    assert (found.since, found.growth) == (since, growth)


def test_segments_are_found_narrowed_and_sorted(
    director: User, marketer: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketing.segments.tables.timezone.localdate", lambda timezone: date(2026, 5, 31))
    grown("bakers", 10, 5, owner=director)
    grown("Tea", 10, 20, is_key=True, next_action="Write to bakeries")
    grown("New", None, 7)
    SegmentFactory.create(name="Old", archived_at=datetime(2026, 1, 1, tzinfo=UTC), value=1)
    client = signed_in(marketer)
    assert names(client, "/segments/") == ["Tea", "New", "bakers"]
    assert names(client, "/segments/?sort=name") == ["bakers", "New", "Tea"]
    assert names(client, "/segments/?sort=growth") == ["bakers", "Tea", "New"]
    assert names(client, "/segments/?key=yes") == ["Tea"]
    assert names(client, f"/segments/?owner={director.public_id}") == ["bakers"]
    assert names(client, "/segments/?q=baker") == ["Tea", "bakers"]
    assert names(client, "/segments/?archived=yes") == ["Old"]
    assert names(client, "/segments/?archived=all") == ["Tea", "New", "bakers", "Old"]


def test_the_file_of_segments_has_what_the_screen_has(analyst: User, signed_in: SignedIn) -> None:
    ContactFactory.create_batch(4)
    grown("=Tea", 10, 2)
    (row,) = exported(signed_in(analyst), "/segments/?export=csv")
    assert (row["Segment"], row["Contacts"], row["Share"], row["Net purchases"]) == ("'=Tea", "2", "0.5", "20.00")


def test_segments_are_put_away_but_for_those_in_use(director: User) -> None:
    used = SegmentFactory.create(name="Used")
    user = SegmentFactory.create(name="Using", rules=including(used))
    promised = PropositionVersionFactory.create(state="in_force").proposition.segment
    many = segments_archive(segments=[used, user, promised], actor=director)
    assert set(many.keys) == {used.pk, user.pk}
    assert len(many.refused) == 1
    assert list(Segment.objects.active()) == [promised]
    back = segments_restore(segments=Segment.objects.all(), actor=director)
    assert set(back.keys) == {used.pk, user.pk}
    assert AuditEntry.objects.filter(action="segment_restore").count() == 2


def test_a_segment_in_use_by_one_that_stays_is_not_archived(director: User) -> None:
    used = SegmentFactory.create(name="Used")
    SegmentFactory.create(name="Using", rules=including(used))
    many = segments_archive(segments=[used], actor=director)
    assert (many.keys, len(many.refused)) == ([], 1)


@pytest.mark.parametrize("thing", ["segment", "proposition"])
def test_putting_away_is_undone_from_the_toast(thing: str, marketer: User, signed_in: SignedIn) -> None:
    rows = [ValuePropositionFactory.create(name=f"Tea {number}") for number in range(3)]
    things: list[Segment | ValueProposition] = [it.segment for it in rows] if thing == "segment" else list(rows)
    model = type(things[0])
    client = signed_in(marketer)
    body = {"ids": [it.public_id for it in things[:2]], "count": "2", "state": "sort=-name"}
    answer = client.post(f"/{thing}s/archive/", body)
    assert (answer.status_code, answer["Location"]) == (302, f"/{thing}s/?sort=-name")
    assert set(model.objects.filter(archived_at=None)) == {things[2]}
    page = client.get(f"/{thing}s/").content.decode()
    assert f"{thing}s archived." in page
    undo = page.split(f"/{thing}s/restore/?undo=")[1].split('"')[0]
    assert client.post(f"/{thing}s/restore/?undo={undo}").status_code == 302
    assert model.objects.filter(archived_at=None).count() == 3
    assert client.post(f"/{thing}s/restore/?undo={undo}").status_code == 422


@pytest.mark.parametrize("url", ["/segments/", "/propositions/"])
def test_who_only_reads_is_offered_no_change(
    url: str, analyst: User, marketer: User, owner: User, signed_in: SignedIn
) -> None:
    PropositionVersionFactory.create()
    assert "data-bulk " not in signed_in(analyst).get(url).content.decode()
    page = signed_in(marketer).get(url).content.decode()
    assert f"{url}archive/" in page
    assert f"{url}restore/" not in page
    page = signed_in(marketer).get(f"{url}?archived=all").content.decode()
    assert f"{url}archive/" in page
    assert f"{url}restore/" in page
    for verb in ("archive", "restore"):
        chosen = {"ids": Segment.objects.get().public_id}
        assert signed_in(analyst).post(f"{url}{verb}/", chosen).status_code == 403
        assert signed_in(owner).post(f"{url}{verb}/", chosen).status_code == 403
        assert signed_in(marketer).get(f"{url}{verb}/").status_code == 405


def test_a_proposition_stands_by_its_version_in_force(marketer: User, signed_in: SignedIn) -> None:
    tea = ValuePropositionFactory.create(name="Tea", segment=SegmentFactory.create(name="Bakers"))
    PropositionVersionFactory.create(proposition=tea, number=1, state="replaced", headline="Old words")
    kept = PropositionVersionFactory.create(
        proposition=tea, number=2, state="in_force", headline="Tomorrow", verdict="confirmed"
    )
    PropositionVersionFactory.create(proposition=tea, number=3, headline="Next words")
    coffee = PropositionVersionFactory.create(proposition__name="Coffee", headline="Hot")
    rows: list[Any] = list(ValueProposition.objects.with_shown())
    shown = {row.name: row.shown_id for row in rows}
    assert shown == {"Tea": kept.pk, "Coffee": coffee.pk}
    client = signed_in(marketer)
    assert names(client, "/propositions/") == ["Coffee", "Tea"]
    assert names(client, "/propositions/?state=in_force") == ["Tea"]
    assert names(client, "/propositions/?state=draft") == ["Coffee"]
    assert names(client, "/propositions/?verdict=confirmed") == ["Tea"]
    assert names(client, f"/propositions/?segment={tea.segment.public_id}") == ["Tea"]
    assert names(client, "/propositions/?q=tomorrow+bakers") == ["Tea"]
    assert names(client, "/propositions/?q=words") == []
    lines = exported(client, "/propositions/?export=csv&sort=-name")
    assert [(it["Value proposition"], it["Statement"], it["Version"]) for it in lines] == [
        ("Tea", "Tomorrow", "2"),
        ("Coffee", "Hot", "1"),
    ]


def test_propositions_go_and_come_back_once(director: User) -> None:
    rows = [ValuePropositionFactory.create(name=name) for name in ("A", "B")]
    assert propositions_archive(propositions=rows, actor=director) == [row.pk for row in rows]
    away = ValueProposition.objects.all()
    assert propositions_archive(propositions=away, actor=director) == []
    assert len(propositions_restore(propositions=away, actor=director)) == 2
    assert propositions_restore(propositions=ValueProposition.objects.all(), actor=director) == []
