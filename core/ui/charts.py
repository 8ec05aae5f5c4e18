"""Charts as typed specifications, built and tested in Python, drawn by ECharts from static/js/charts.js.

Colours are the names of the palette's tokens ("chart-1" … "chart-6"), so that a chart follows the theme; each chart
carries the table that says the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.ui import numbers
from core.ui.numbers import Number

Words = str | Promise
Format = Literal["number", "money", "percent"]
PALETTE = tuple(f"chart-{place}" for place in range(1, 7))


@dataclass(frozen=True)
class Series:
    """One line or row of bars. `values` stand beside the chart's labels; None is a gap. `color`: 1 to 6; 0: in order.
    `dashed`: a comparison, a target, a forecast."""

    name: Words
    values: Sequence[Number | None]
    color: int = 0
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawn chart: what ECharts gets, its height, and the table that says the same."""

    title: Words
    option: dict[str, Any]
    header: list[str]
    rows: list[list[str]]
    format: Format = "number"
    height: int = 264
    summary: str = ""
    links: list[str] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """What the script reads: `option`, the `format` of values, `currency`, `links` of the categories."""
        return {
            "option": self.option,
            "format": self.format,
            "currency": numbers.company_currency(),
            "links": self.links,
            "height": self.height,
        }


def line_chart(
    title: Words,
    labels: Sequence[Words],
    series: Sequence[Series],
    *,
    value_format: Format = "number",
    height: int = 264,
) -> Chart:
    """Change over time; at most six lines, each named at its end."""
    drawn = [
        {
            "type": "line",
            "name": str(item.name),
            "data": _plain(item.values),
            "color": _color(item, place),
            "symbol": "circle" if len(labels) == 1 else "none",
            "symbolSize": 6,
            "lineStyle": {"width": 2, "type": "dashed" if item.dashed else "solid"},
            "emphasis": {"disabled": True},
            "endLabel": {"show": len(series) > 1, "formatter": "{a}", "distance": 6, "fontSize": 12},
            "labelLayout": {"moveOverlap": "shiftY"},
        }
        for place, item in enumerate(_at_most_six(series))
    ]
    _apart(drawn, series)
    room = 12 + 7 * max((len(str(item.name)) for item in series), default=0) if len(series) > 1 else 16
    option = _axes(labels) | {"series": drawn, "tooltip": {"trigger": "axis"}}
    option["grid"] |= {"right": min(room, 152)}
    option["xAxis"] |= {"boundaryGap": False}
    return _finished(title, option, labels, series, value_format, height)


def _apart(drawn: Sequence[dict[str, Any]], series: Sequence[Series]) -> None:
    """Moves the names of two lines apart where these end close to each other."""
    if len(series) != 2 or not series[0].values or not series[1].values:
        return
    ends = [item.values[-1] for item in series]
    known = [abs(float(value)) for item in series for value in item.values if value is not None]
    if None in ends or abs(float(ends[0] or 0) - float(ends[1] or 0)) > max(known) * 0.1:
        return
    upper = 0 if float(ends[0] or 0) >= float(ends[1] or 0) else 1
    drawn[upper]["endLabel"]["offset"] = [0, -8]
    drawn[1 - upper]["endLabel"]["offset"] = [0, 8]


def bar_chart(
    title: Words,
    labels: Sequence[Words],
    series: Sequence[Series],
    *,
    stacked: bool = False,
    horizontal: bool = False,
    value_format: Format = "number",
    height: int = 0,
    links: Sequence[str] = (),
) -> Chart:
    """Sizes beside each other, from zero; `stacked` where the parts make a whole; `horizontal` for long names."""
    last = len(series) - 1
    drawn = [
        {
            "type": "bar",
            "name": str(item.name),
            "data": _plain(item.values),
            "color": _color(item, place),
            "barMaxWidth": 28,
            "barGap": "12%",
            "stack": "all" if stacked else None,
            "itemStyle": {"borderRadius": _corner(horizontal) if not stacked or place == last else 0},
            "emphasis": {"disabled": True},
            "label": {
                "show": len(series) == 1 and (horizontal or len(labels) <= 12),
                "position": "right" if horizontal else "top",
                "fontSize": 12,
            },
        }
        for place, item in enumerate(_at_most_six(series))
    ]
    option = _axes(labels, horizontal=horizontal, scale_hidden=len(series) == 1 and horizontal) | {
        "series": drawn,
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
    }
    if len(series) > 1:
        option["legend"] = {
            "type": "scroll",
            "top": 0,
            "left": 0,
            "icon": "roundRect",
            "itemWidth": 10,
            "itemHeight": 10,
            "itemGap": 16,
        }
        option["grid"] |= {"top": 40}
    if horizontal:
        option["grid"] |= {"right": 72}
    if value_format == "number" and all(not value or value == int(value) for item in series for value in item.values):
        option["xAxis" if horizontal else "yAxis"] |= {"minInterval": 1}
    tall = height or (max(96, 40 + 36 * len(labels) * (1 if stacked else max(1, len(series)))) if horizontal else 264)
    return _finished(title, option, labels, series, value_format, tall, links)


def funnel_chart(title: Words, steps: Sequence[tuple[Words, int]], *, links: Sequence[str] = ()) -> Chart:
    """How many reach each step, as bars of one colour, with the share that came from the step before."""
    labels = [str(name) for name, _count in steps]
    counts = [count for _name, count in steps]
    chart = bar_chart(title, labels, [Series(_("People"), counts)], horizontal=True, links=links)
    shares = [None, *((now / before if before else None) for before, now in pairwise(counts))]
    rows = [
        [label, numbers.number(count), numbers.percent(share)]
        for label, count, share in zip(labels, counts, shares, strict=True)
    ]
    for drawn in chart.option["series"]:
        drawn["barMaxWidth"] = 24
        drawn["data"] = [
            {"value": count, "note": _note(count, share)} for count, share in zip(counts, shares, strict=True)
        ]
    chart.option["grid"]["right"] = 120
    header = [_("Step"), _("People"), _("Of the previous step")]
    return Chart(title, chart.option, header, rows, height=chart.height, links=list(links))


def _note(count: int, share: float | None) -> str:
    written = numbers.number(count)
    return written if share is None else f"{written}  ·  {numbers.percent(share)}"


def heat_map(
    title: Words,
    columns: Sequence[Words],
    lines: Sequence[Words],
    values: Sequence[Sequence[Number | None]],
    *,
    value_format: Format = "number",
    height: int = 0,
) -> Chart:
    """`values[line][column]` as shades of the accent, the number written in each tile."""
    cells = [
        [x, y, _number(value)] for y, line in enumerate(values) for x, value in enumerate(line) if value is not None
    ]
    biggest = max((cell[2] for cell in cells), default=0) or 1
    axis = {"type": "category", "axisTick": {"show": False}, "axisLine": {"show": False}, "splitLine": {"show": False}}
    option: dict[str, Any] = {
        "grid": {"left": 8, "right": 8, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": axis | {"data": _words(columns)},
        "yAxis": axis | {"data": _words(lines), "inverse": True},
        "tooltip": {"trigger": "item"},
        "visualMap": {"show": False, "min": 0, "max": biggest, "inRange": {"color": ["shade-0", "shade-1"]}},
        "series": [
            {
                "type": "heatmap",
                "name": str(title),
                "data": cells,
                "label": {"show": True, "fontSize": 12},
                "itemStyle": {"borderWidth": 2, "borderColor": "surface", "borderRadius": 4},
                "emphasis": {"disabled": True},
            }
        ],
    }
    rows = [
        [str(name), *(_value_text(value, value_format) for value in line)]
        for name, line in zip(lines, values, strict=True)
    ]
    return Chart(title, option, ["", *_words(columns)], rows, value_format, height or 48 + 40 * len(lines))


def sparkline(title: Words, labels: Sequence[Words], values: Sequence[Number | None]) -> Chart:
    """The shape of a change, without axes, beside its number."""
    chart = line_chart(title, labels, [Series(title, values)], height=40)
    for axis in ("xAxis", "yAxis"):
        chart.option[axis]["show"] = False
    chart.option["grid"] = {"left": 2, "right": 2, "top": 4, "bottom": 4, "containLabel": False}
    return chart


def _axes(labels: Sequence[Words], *, horizontal: bool = False, scale_hidden: bool = False) -> dict[str, Any]:
    """A category axis and a value axis from zero, a light grid, no ticks."""
    category = {"type": "category", "data": _words(labels), "axisTick": {"show": False}, "inverse": horizontal}
    value = {"type": "value", "min": None, "splitNumber": 4, "show": not scale_hidden, "axisLine": {"show": False}}
    across, up = (value, category) if horizontal else (category, value)
    grid = {"left": 8, "right": 16, "top": 16, "bottom": 8, "containLabel": True}
    return {"grid": grid, "xAxis": across, "yAxis": up}


def _finished(
    title: Words,
    option: dict[str, Any],
    labels: Sequence[Words],
    series: Sequence[Series],
    value_format: Format,
    height: int,
    links: Sequence[str] = (),
) -> Chart:
    rows = [
        [str(label), *(_value_text(item.values[place], value_format) for item in series)]
        for place, label in enumerate(labels)
    ]
    return Chart(
        title, option, ["", *(str(item.name) for item in series)], rows, value_format, height, links=list(links)
    )


def _at_most_six(series: Sequence[Series]) -> Sequence[Series]:
    if len(series) > len(PALETTE):
        raise ValueError("A chart has at most six series; put the smaller ones together.")
    return series


def _color(item: Series, place: int) -> str:
    return PALETTE[item.color - 1 if item.color else place]


def _corner(horizontal: bool) -> list[int]:
    return [0, 3, 3, 0] if horizontal else [3, 3, 0, 0]


def _words(values: Sequence[Words]) -> list[str]:
    return [str(value) for value in values]


def _number(value: Number) -> float | int:
    return value if isinstance(value, int) else float(value)


def _plain(values: Sequence[Number | None]) -> list[float | int | None]:
    return [None if value is None else _number(value) for value in values]


def _value_text(value: Number | None, value_format: Format) -> str:
    match value_format:
        case "money":
            return numbers.money(value)
        case "percent":
            return numbers.percent(value)
        case _:
            whole = value is None or value == int(value)
            return numbers.number(value, 0 if whole else 2)
