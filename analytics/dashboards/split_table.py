"""A figure split by channel, salesperson or way of attending, as a table."""

from analytics.dashboards.drill_links import rows_url
from analytics.kpis import figure_text
from analytics.kpis.queries import Series, SeriesRow
from core.kpis import kpis


def split_table(series: Series, codes: tuple[str, ...]) -> dict[str, object]:
    """A split as a table: heads, rows of texts with reasons, and the total."""

    period = series.period

    def cells(row: SeriesRow, by: str) -> list[dict[str, str]]:
        values, start, end = row.values, row.starts_on or period.start, row.ends_on or period.end
        return [
            {
                "code": code,
                "name": str(kpis[code].name),
                "url": rows_url(code, start=start, end=end, by=by, key=row.key) if values[code].value else "",
                "text": figure_text.value_text(kpis[code], values[code].value, series.currency),
                "reason": values[code].reason,
                "interval": figure_text.interval_text(kpis[code], values[code], series.currency),
            }
            for code in codes
        ]

    return {
        "heads": [kpis[code] for code in codes],
        "rows": [{"row": row, "cells": cells(row, series.by)} for row in series.rows],
        "total": cells(series.total, "total"),
    }
