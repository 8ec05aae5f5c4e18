"""The pictures of the segment pages, drawn on the server as SVG: positions in a box, never more than the table says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from marketing.segments.models import SegmentSize
from marketing.segments.queries import SegmentRow

WIDTH, HEIGHT = 1000, 420
LEFT, RIGHT, TOP, BOTTOM = 80, 40, 30, 50
MIN_RADIUS, MAX_RADIUS = 10, 54
LABEL = 31
STEPS = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 4.8, 6, 8)


@dataclass(frozen=True)
class Bubble:
    """A segment in the picture: x grows with its people, y with what each has bought, area with the sum of it."""

    row: SegmentRow
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    tone: str


@dataclass(frozen=True)
class Bubbles:
    items: list[Bubble]
    ticks_x: list[tuple[float, int]]
    ticks_y: list[tuple[float, int]]
    width: int = WIDTH
    height: int = HEIGHT


def bubbles(rows: Sequence[SegmentRow]) -> Bubbles | None:
    """None when no segment has been counted with anybody in it."""
    shown = [row for row in rows if row.segment.size]
    if not shown:
        return None
    sizes = [float(row.segment.size or 0) for row in shown]
    totals = [max(0.0, float(row.segment.value or 0)) for row in shown]
    each = [total / size for total, size in zip(totals, sizes, strict=True)]
    most_x, most_y = _nice(max(sizes) * 1.3), _nice(max(each) * 1.15)
    radii = [_radius(total, max(totals)) for total in totals]
    places = [(_x(size / most_x), _y(worth / most_y)) for size, worth in zip(sizes, each, strict=True)]
    circles = [(x, y, radius) for (x, y), radius in zip(places, radii, strict=True)]
    items: list[Bubble] = []
    for row, (x, y), radius in zip(shown, places, radii, strict=True):
        others = [circle for circle in circles if circle != (x, y, radius)]
        label_x, label_y = _place(row.segment.name, x, y, radius, items, others)
        items.append(Bubble(row, x, y, round(radius, 1), label_x, label_y, _tone(row.growth)))
    items.sort(key=lambda item: -item.radius)
    ticks_x = [(_x(step / 4), round(most_x * step / 4)) for step in range(5)]
    ticks_y = [(_y(step / 4), round(most_y * step / 4)) for step in range(5)]
    return Bubbles(items, ticks_x, ticks_y)


def size_line(sizes: Sequence[SegmentSize]) -> str:
    """The points of a polyline in a box of 600 by 120, from zero; empty below two days."""
    if len(sizes) < 2:
        return ""
    most = max(it.size for it in sizes) or 1
    first, last = sizes[0].day.toordinal(), sizes[-1].day.toordinal()
    span = (last - first) or 1
    return " ".join(f"{600 * (it.day.toordinal() - first) / span:.1f},{116 - 108 * it.size / most:.1f}" for it in sizes)


def _radius(total: float, most: float) -> float:
    return MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * (math.sqrt(total / most) if most else 0.0)


def _place(
    name: str,
    x: float,
    y: float,
    radius: float,
    placed: Sequence[Bubble],
    circles: Sequence[tuple[float, float, float]],
) -> tuple[float, float]:
    """Where the two lines of a label stand: in its bubble, beside, above or below it, wherever they cover nothing."""
    half = _half(name)
    places = [(x, y - 2)] if radius > half else []
    places += [
        (x + radius + half + 4, y - 2),
        (x, y - radius - 22),
        (x - radius - half - 4, y - 2),
        (x, y + radius + 16),
    ]
    places += [(x, y - radius - 22 - 16 * step) for step in range(1, 12)]
    for at_x, at_y in places:
        inside = LEFT + half <= at_x <= WIDTH - half and TOP - 18 < at_y < HEIGHT - BOTTOM - 12
        if inside and _is_free(at_x, at_y, half, placed, circles):
            return round(at_x, 1), round(at_y, 1)
    return round(min(max(x, LEFT + half), WIDTH - half), 1), round(y - radius - 22, 1)


def _is_free(
    at_x: float, at_y: float, half: float, placed: Sequence[Bubble], circles: Sequence[tuple[float, float, float]]
) -> bool:
    """Whether a label there covers no other label and no other bubble."""
    labels = all(
        abs(at_x - other.label_x) > half + _half(other.row.segment.name) or abs(at_y - other.label_y) > LABEL
        for other in placed
    )
    bubbles_clear = all(
        abs(at_x - x) > half + radius or y + radius < at_y - 12 or y - radius > at_y + 18 for x, y, radius in circles
    )
    return labels and bubbles_clear


def _half(name: str) -> float:
    """About half the width of a label."""
    return min(len(name), 28) * 3.7 + 4


def _x(share: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def _nice(value: float) -> float:
    """The next of `STEPS` times a power of ten: an axis that divides by four."""
    if value <= 4:
        return 4
    power = 10.0 ** math.floor(math.log10(value))
    return next((step * power for step in STEPS if step * power >= value), 10 * power)


def _tone(growth: Decimal | None) -> str:
    if growth is None or abs(growth) < Decimal("0.01"):
        return "flat"
    return "up" if growth > 0 else "down"
