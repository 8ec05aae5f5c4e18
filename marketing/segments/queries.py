"""Who is in a segment, how segments grow, overlap and compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from accounts.company.models import Company
from core.rules.compiler import compile_rules
from core.rules.context import Included, RuleContext
from core.rules.sentence import rules_sentence
from core.rules.tree import Group, InvalidRules, read_rules
from crm.contacts.models import Contact
from marketing.segments.headlines import active_headlines
from marketing.segments.models import Segment, SegmentQuerySet

MAX_COMPARED = 12


def rule_context(now: datetime | None = None) -> RuleContext:
    """What segments are read against: this company's days and money, and the other segments."""
    company = Company.get()
    seen: dict[str, Included | None] = {}

    def included(code: str) -> Included | None:
        if code not in seen:
            segment = Segment.objects.filter(public_id=code).first()
            seen[code] = Included(code, segment.name, read_rules(segment.rules)) if segment else None
        return seen[code]

    return RuleContext(now=now or timezone.now(), zone=company.zone, currency=company.currency, included=included)


def rules_audience(root: Group, context: RuleContext) -> QuerySet[Contact]:
    """The contacts for whom the rules hold, archived ones left out. Raises InvalidRules."""
    return Contact.objects.active().filter(compile_rules(root, context))


def segment_audience(segment: Segment, *, now: datetime | None = None) -> QuerySet[Contact]:
    """Everybody in the segment at `now`, as one SQL statement. Raises InvalidRules when its rules cannot be used."""
    return rules_audience(read_rules(segment.rules), rule_context(now))


def segment_sentence(segment: Segment, context: RuleContext | None = None) -> str:
    """The segment's rules in words; the reason when they cannot be read."""
    return rules_text(segment.rules, context)


def rules_text(rules: Any, context: RuleContext | None = None) -> str:
    """Rules as they are stored, in words; the reason when they cannot be read."""
    try:
        return rules_sentence(read_rules(rules), context or rule_context())
    except InvalidRules as error:
        return error.message


@dataclass(frozen=True)
class Measure:
    """How many people, and what they have bought in all, net of returns."""

    size: int
    value: Decimal


def audience_measure(contacts: QuerySet[Contact]) -> Measure:
    found = contacts.order_by().aggregate(size=Count("pk"), value=Sum("net_total"))
    return Measure(found["size"], found["value"] or Decimal(0))


def base_measure() -> Measure:
    """Everybody, to take shares of."""
    return audience_measure(Contact.objects.active())


@dataclass(frozen=True)
class SegmentRow:
    """A segment beside the others: `share` of all people, `growth` of its size since about thirty days ago (a ratio,
    None when there is no earlier size), `since` that day, `headline` that of its active value proposition."""

    segment: Segment
    share: Decimal | None
    growth: Decimal | None
    since: date | None
    headline: str


def segment_rows(segments: SegmentQuerySet, *, today: date) -> list[SegmentRow]:
    """One row per segment, with the stored sizes; four queries whatever their number."""
    found: list[Any] = list(segments.select_related("owner").with_growth(today=today, zone=Company.get().zone))
    everybody = Contact.objects.active().count()
    headlines = active_headlines([segment.pk for segment in found])
    return [
        SegmentRow(
            segment, share_of(segment.size, everybody), segment.growth, segment.since, headlines.get(segment.pk, "")
        )
        for segment in found
    ]


def share_of(size: int | None, everybody: int) -> Decimal | None:
    """Which part of all people a segment is (a ratio)."""
    return Decimal(size) / everybody if size is not None and everybody else None


@dataclass(frozen=True)
class Overlap:
    """How many people are in both, for each pair: `cells[row][column]`; the diagonal is the size.

    `alone` counts those of each segment who are in no other of the compared, `nobody` the people in none.
    """

    segments: list[Segment]
    cells: list[list[int]]
    alone: list[int]
    nobody: int

    @property
    def lines(self) -> list[tuple[Segment, list["OverlapCell"]]]:
        """A row per segment; `share` is of the people in the row's segment."""
        return [
            (
                segment,
                [
                    OverlapCell(people, Decimal(people) / cells[row] if cells[row] else None, row == column)
                    for column, people in enumerate(cells)
                ],
            )
            for row, (segment, cells) in enumerate(zip(self.segments, self.cells, strict=True))
        ]


@dataclass(frozen=True)
class OverlapCell:
    people: int
    share: Decimal | None
    is_self: bool


def segment_overlap(segments: Sequence[Segment], *, now: datetime | None = None) -> Overlap:
    """Counted now, in one statement: people are grouped by the set of segments they are in."""
    context = rule_context(now)
    compared, tests = [], []
    for segment in segments[:MAX_COMPARED]:
        try:
            tests.append(compile_rules(read_rules(segment.rules), context))
        except InvalidRules:
            continue
        compared.append(segment)
    size = len(compared)
    cells = [[0] * size for _ in compared]
    alone, nobody = [0] * size, 0
    names = [f"in_{index}" for index in range(size)]
    flags = {name: _flag(test) for name, test in zip(names, tests, strict=True)}
    grouped = Contact.objects.active().order_by().annotate(**flags).values(*names).annotate(people=Count("pk"))
    for row in grouped if names else []:
        members = [index for index, name in enumerate(names) if row[name]]
        if not members:
            nobody += row["people"]
        if len(members) == 1:
            alone[members[0]] += row["people"]
        for first in members:
            for second in members:
                cells[first][second] += row["people"]
    return Overlap(compared, cells, alone, nobody)


def _flag(test: Q) -> Case:
    return Case(When(test, then=Value(True)), default=Value(False), output_field=BooleanField())
