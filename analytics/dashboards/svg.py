"""Small pictures drawn on the server as SVG: they need no script, print well, and a test can read them."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Values = Sequence[Decimal | None]


def spark(values: Values, *, width: int = 120, height: int = 32) -> SafeString:
    """A trend without axes; gaps where the figure is undefined, a dot on the last known value. Decoration only."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = float(min(known)), float(max(known))
    span = (high - low) or 1.0
    step = (width - 6) / max(1, len(values) - 1)
    places = [
        None if value is None else (3 + n * step, height - 4 - (float(value) - low) / span * (height - 8))
        for n, value in enumerate(values)
    ]
    last = next(place for place in reversed(places) if place is not None)
    return format_html(
        '<svg class="n-spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path d="{}" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linejoin="round" '
        'stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
        '<circle cx="{}" cy="{}" r="2.5" fill="currentColor"/></svg>',
        width,
        height,
        _path(places),
        f"{last[0]:.1f}",
        f"{last[1]:.1f}",
    )


def _path(places: Sequence[tuple[float, float] | None]) -> str:
    """Lines between neighbours; a lone point between two gaps is a dot."""
    parts, pen_down = [], False
    for n, place in enumerate(places):
        if place is None:
            pen_down = False
            continue
        parts.append(f"{'L' if pen_down else 'M'}{place[0]:.1f} {place[1]:.1f}")
        alone = not pen_down and (n + 1 == len(places) or places[n + 1] is None)
        if alone:
            parts.append("h0.01")
        pen_down = True
    return " ".join(parts)


def band(low: float, value: float, high: float) -> SafeString:
    """A rate with its interval on a line from 0 to 100 %, as a share of `high` drawn to the width of the cell."""
    return format_html(
        '<svg class="n-band" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect x="0" y="4.5" width="100" height="1" fill="var(--c-line)"/>'
        '<rect x="{}" y="3" width="{}" height="4" rx="1" fill="var(--c-accent)" opacity=".35"/>'
        '<rect x="{}" y="1" width="1.2" height="8" fill="var(--c-accent)"/></svg>',
        f"{low:.2f}",
        f"{max(0.6, high - low):.2f}",
        f"{max(0.0, value - 0.6):.2f}",
    )


def stack(parts: Sequence[tuple[str, int]]) -> SafeString:
    """Shares of a whole as one bar: (CSS class, count) rows."""
    total = sum(count for _css, count in parts) or 1
    bars = format_html_join(
        "", '<i class="{}" style="flex:{} 0 0"></i>', ((css, count) for css, count in parts if count and total)
    )
    return format_html('<span class="n-stack" aria-hidden="true">{}</span>', bars)
