"""Segments: saved, counted, compared, put away."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.rules.sentence import rules_sentence
from core.rules.tree import InvalidRules, read_rules
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from marketing.propositions.tests.factories import PropositionVersionFactory
from marketing.segments.models import Segment, SegmentSize
from marketing.segments.queries import rule_context, segment_audience, segment_overlap, segment_rows
from marketing.segments.segment_presets import SEGMENT_PRESETS
from marketing.segments.services import (
    segment_archive,
    segment_create,
    segment_duplicate,
    segment_measure,
    segment_restore,
    segment_update,
)
from marketing.segments.tests.factories import SegmentFactory

LIMA = {"group": "all", "of": [{"field": "city", "operator": "is", "value": "Lima"}]}


def including(segment: Segment) -> dict[str, Any]:
    return {"group": "all", "of": [{"field": "segment", "operator": "in_any_of", "value": [segment.public_id]}]}


def test_a_new_segment_is_counted(director: User) -> None:
    ContactFactory.create(city="Lima", net_total=Decimal("10.50"))
    ContactFactory.create(city="lima", net_total=Decimal("2.00"))
    ContactFactory.create(city="Lima", archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    ContactFactory.create(city="Cusco")
    segment = segment_create(name="In Lima", rules=LIMA, actor=director)
    segment.refresh_from_db()
    assert (segment.size, segment.value) == (2, Decimal("12.50"))
    assert [(it.size, it.value) for it in segment.sizes.all()] == [(2, Decimal("12.50"))]
    assert segment_audience(segment).count() == 2
    assert AuditEntry.objects.get().action == "segment_create"


def test_a_taken_name_is_refused(director: User) -> None:
    SegmentFactory.create(name="In Lima")
    with pytest.raises(DomainError) as caught:
        segment_create(name="In Lima", rules=LIMA, actor=director)
    assert caught.value.code == "segment_name_taken"


def test_an_update_from_an_old_version_is_a_conflict_and_changes_nothing(director: User, marketer: User) -> None:
    segment = SegmentFactory.create(name="Before")
    segment_update(segment=segment, version=1, actor=marketer, name="Theirs")
    with pytest.raises(Conflict) as caught:
        segment_update(segment=segment, version=1, actor=director, name="Mine")
    assert caught.value.code == "segment_changed"
    segment.refresh_from_db()
    assert (segment.name, segment.version) == ("Theirs", 2)


def test_a_segment_cannot_include_itself_by_way_of_another(director: User) -> None:
    first = SegmentFactory.create(name="First")
    second = SegmentFactory.create(name="Second", rules=including(first))
    with pytest.raises(InvalidRules, match="First → Second → First"):
        segment_update(segment=first, version=1, actor=director, rules=including(second))


def test_a_segment_in_use_is_not_archived(director: User) -> None:
    used = SegmentFactory.create()
    SegmentFactory.create(name="User of it", rules=including(used))
    with pytest.raises(DomainError, match="User of it"):
        segment_archive(segment=used, actor=director)
    promised = PropositionVersionFactory.create(state="in_force").proposition.segment
    with pytest.raises(DomainError, match="Fast tea"):
        segment_archive(segment=promised, actor=director)


def test_archiving_can_be_taken_back(director: User) -> None:
    segment = SegmentFactory.create()
    segment_archive(segment=segment, actor=director)
    assert not Segment.objects.active().exists()
    segment_restore(segment=segment, actor=director)
    assert Segment.objects.active().get() == segment


def test_a_copy_has_a_name_of_its_own(director: User) -> None:
    segment = SegmentFactory.create(name="In Lima")
    names = {segment_duplicate(segment=segment, actor=director).name for _ in range(2)}
    assert names == {"In Lima (2)", "In Lima (3)"}


def test_growth_compares_with_the_size_thirty_days_ago(director: User) -> None:
    ContactFactory.create_batch(3, city="Lima")
    now = datetime(2026, 5, 31, 12, tzinfo=UTC)
    segment = SegmentFactory.create()
    for days, size in ((45, 9), (31, 2), (10, 8)):
        day = (now - timedelta(days=days)).date()
        SegmentSize.objects.create(segment=segment, day=day, size=size, value=0)
    segment_measure(segment=segment, now=now)
    segment_measure(segment=segment, now=now)
    assert segment.sizes.count() == 4
    row = segment_rows(Segment.objects.all(), today=now.date())[0]
    assert (row.share, row.growth) == (Decimal(1), Decimal("0.5"))


def test_overlap_counts_people_in_both(director: User) -> None:
    ContactFactory.create(city="Lima", sex="f")
    ContactFactory.create(city="Lima", sex="m")
    ContactFactory.create(city="Cusco", sex="f")
    ContactFactory.create(city="Puno", sex="x")
    women = {"group": "all", "of": [{"field": "sex", "operator": "is_any_of", "value": ["f"]}]}
    overlap = segment_overlap([SegmentFactory.create(), SegmentFactory.create(rules=women)])
    assert (overlap.cells, overlap.alone, overlap.nobody) == ([[2, 1], [1, 2]], [1, 1], 1)


def test_a_salesperson_sees_no_segments(director: User, owner: User) -> None:
    SegmentFactory.create()
    assert Segment.objects.visible_to(director).count() == 1
    assert Segment.objects.visible_to(owner).count() == 0


@pytest.mark.parametrize("code", [it.code for it in SEGMENT_PRESETS])
def test_each_starter_can_be_used(code: str, director: User) -> None:
    rules = next(it for it in SEGMENT_PRESETS if it.code == code).rules
    segment = segment_create(name="Begun", rules=rules, actor=director)
    assert segment_audience(segment).count() == 0
    assert Contact.objects.count() == 0


SENTENCES = [
    (
        "Customers in Lima who bought at least twice since March 1, 2026",
        "Clientes en Lima que compraron al menos dos veces desde el 1 de marzo de 2026",
        [
            {"field": "is_customer", "operator": "is_true"},
            {"field": "city", "operator": "is", "value": "Lima"},
            {"field": "orders_placed", "operator": "at_least", "value": "2", "window": {"since": "2026-03-01"}},
        ],
    ),
    (
        "Contacts aged 30 to 40 who did not buy in the last 90 days, except those in Lima or Cusco",
        "Contactos de 30 a 40 años que no compraron en los últimos 90 días, excepto aquellos en Lima o Cusco",
        [
            {"field": "age", "operator": "between", "value": ["30", "40"]},
            {"field": "orders_placed", "operator": "equals", "value": "0", "window": {"days": 90}},
            {"group": "none", "of": [{"field": "city", "operator": "is_any_of", "value": ["Lima", "Cusco"]}]},
        ],
    ),
]


@pytest.mark.parametrize(("english", "spanish", "members"), SENTENCES)
def test_a_rule_is_said_in_both_languages(english: str, spanish: str, members: list[Any], db: None) -> None:
    root = read_rules({"group": "all", "of": members})
    context = rule_context()
    with translation.override("en"):
        assert rules_sentence(root, context) == english
    with translation.override("es"):
        assert rules_sentence(root, context) == spanish
