"""RFM segments as tiles of one map: how recently people bought, across; how often and for how much, up."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Avg, Count, Sum
from django.utils.translation import gettext as _

from core.ui import numbers
from crm.scoring.models import RfmScore, RfmSegment

Place = tuple[int, int]


@dataclass(frozen=True)
class Tile:
    """A rectangle of the map. `column` and `row` are CSS grid lines from the left and the top; `share` of customers
    and `worth` of their gross are 0 to 1; only a segment's largest tile `is_main` and carries its words."""

    segment: RfmSegment
    name: str
    advice: str
    customers: int
    gross: Decimal
    mean: Decimal | None
    days: int | None
    share: float
    worth: float
    column: int
    row: int
    width: int
    height: int
    is_main: bool
    tone: str


class SegmentFigures(NamedTuple):
    """A segment's customers in the newest run; `mean` gross and `days` since their last order, on average."""

    customers: int = 0
    gross: Decimal = Decimal(0)
    mean: Decimal | None = None
    days: float | None = None


def map_places(segments: Iterable[RfmSegment]) -> dict[Place, str]:
    """(recency, worth) -> the code of the segment that holds it."""
    places: dict[Place, str] = {}
    for segment in segments:
        for cell in segment.cells:
            r, f, m = (int(digit) for digit in cell)
            places.setdefault((r, (f + m + 1) // 2), segment.code)
    return places


def map_tiles() -> list[Tile]:
    """Every segment's tiles with the customers behind them in the newest run."""
    segments = {segment.code: segment for segment in RfmSegment.objects.all()}
    rows = RfmScore.objects.values("segment").annotate(
        n=Count("pk"), gross=Sum("monetary"), mean=Avg("monetary"), days=Avg("recency_days")
    )
    counted = {row["segment"]: SegmentFigures(row["n"], row["gross"], row["mean"], row["days"]) for row in rows}
    customers = sum(found.customers for found in counted.values())
    gross = sum((found.gross for found in counted.values()), Decimal(0))
    tiles, seen = [], set()
    rectangles = sorted(_rectangles(map_places(segments.values())), key=lambda one: -one[3] * one[4])
    for code, recency, worth, width, height in rectangles:
        segment = segments[code]
        found = counted.get(segment.pk, SegmentFigures())
        tiles.append(
            Tile(
                segment=segment,
                name=str(segment),
                advice=_(segment.advice) if segment.advice else "",
                customers=found.customers,
                gross=found.gross,
                mean=found.mean,
                days=None if found.days is None else round(found.days),
                share=found.customers / customers if customers else 0.0,
                worth=float(found.gross / gross) if gross else 0.0,
                column=recency,
                row=6 - worth - height + 1,
                width=width,
                height=height,
                is_main=code not in seen,
                tone="bad" if recency <= 2 and worth >= 3 else "",
            )
        )
        seen.add(code)
    return tiles


def score_bands(edges: Mapping[str, Sequence[float]]) -> list[dict[str, str | int]]:
    """What each score from 5 to 1 stands for, in words a person can check: "25 to 83", "€54.08 to €131.89"."""

    def whole(edge: float, nudge: int) -> str:
        return numbers.number(math.ceil(edge) - nudge)

    def amount(edge: float, nudge: int) -> str:
        return numbers.money(Decimal(str(edge)).quantize(Decimal("0.01")) - nudge * Decimal("0.01"))

    found: list[dict[str, str | int]] = []
    for score in range(5, 0, -1):
        band: dict[str, str | int] = {"score": score}
        for measure, written in (("recency", whole), ("frequency", whole), ("monetary", amount)):
            place = 5 - score if measure == "recency" else score - 1
            band[measure] = _span(edges[measure], place, written)
        found.append(band)
    return found


def _span(edges: Sequence[float], place: int, written: Callable[[float, int], str]) -> str:
    """The values of the band at `place` (0 to 4): each begins at its edge and ends just before the next."""
    if place == 0:
        return _("up to %(last)s") % {"last": written(edges[0], 1)}
    if place == len(edges):
        return _("%(first)s or more") % {"first": written(edges[-1], 0)}
    first, last = written(edges[place - 1], 0), written(edges[place], 1)
    if edges[place - 1] == edges[place]:
        return numbers.DASH
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _rectangles(places: dict[Place, str]) -> list[tuple[str, int, int, int, int]]:
    """(code, recency, worth, width, height) rectangles that cover the places, widest first from the lower left."""
    left, found = dict(places), []
    for worth in range(1, 6):
        for recency in range(1, 6):
            code = left.get((recency, worth))
            if code is None:
                continue
            width = 1
            while left.get((recency + width, worth)) == code:
                width += 1
            height = 1
            while all(left.get((recency + n, worth + height)) == code for n in range(width)):
                height += 1
            for n in range(width):
                for k in range(height):
                    left.pop((recency + n, worth + k))
            found.append((code, recency, worth, width, height))
    return found
