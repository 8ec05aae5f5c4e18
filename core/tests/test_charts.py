from decimal import Decimal

import pytest

from core.ui.charts import Series, bar_chart, funnel_chart, heat_map, line_chart, sparkline


def test_a_line_chart_carries_its_table_and_names_its_lines() -> None:
    chart = line_chart("Leads", ["Mon", "Tue"], [Series("Now", [1, None]), Series("Before", [2, 3.5], dashed=True)])
    assert chart.header == ["", "Now", "Before"]
    assert chart.rows == [["Mon", "1", "2"], ["Tue", "–", "3.50"]]
    first, second = chart.option["series"]
    assert (first["data"], first["color"], first["endLabel"]["show"]) == ([1, None], "chart-1", True)
    assert (second["color"], second["lineStyle"]["type"]) == ("chart-2", "dashed")


def test_bars_begin_at_zero_and_are_labelled_directly() -> None:
    chart = bar_chart("Spend", ["A"], [Series("Spend", [Decimal("1.5")])], value_format="money", links=["/a/"])
    assert chart.option["series"][0]["label"]["show"] is True
    assert chart.option["yAxis"].get("scale") is None
    assert "legend" not in chart.option
    assert chart.rows == [["A", "€1.50"]]
    assert chart.data["links"] == ["/a/"]


def test_stacked_bars_share_a_stack_and_have_a_legend() -> None:
    chart = bar_chart("S", ["A"], [Series("x", [1]), Series("y", [2])], stacked=True)
    assert [series["stack"] for series in chart.option["series"]] == ["all", "all"]
    assert "legend" in chart.option


def test_a_funnel_says_what_share_came_from_the_step_before() -> None:
    chart = funnel_chart("F", [("Leads", 200), ("Qualified", 50), ("Won", 0), ("Back", 0)])
    assert chart.rows == [
        ["Leads", "200", "–"],
        ["Qualified", "50", "25.0%"],
        ["Won", "0", "0.0%"],
        ["Back", "0", "–"],
    ]
    assert chart.option["series"][0]["data"][1] == {"value": 50, "note": "50  ·  25.0%"}


def test_a_heat_map_leaves_gaps_empty() -> None:
    chart = heat_map("H", ["a", "b"], ["x", "y"], [[1, None], [3, 4]])
    assert chart.option["series"][0]["data"] == [[0, 0, 1], [0, 1, 3], [1, 1, 4]]
    assert chart.rows == [["x", "1", "–"], ["y", "3", "4"]]
    assert heat_map("H", [], [], []).option["visualMap"]["max"] == 1


def test_a_chart_has_at_most_six_series() -> None:
    with pytest.raises(ValueError, match="at most six"):
        line_chart("L", ["a"], [Series(str(place), [1]) for place in range(7)])


def test_a_sparkline_has_no_axes() -> None:
    option = sparkline("S", ["a", "b"], [1, 2]).option
    assert (option["xAxis"]["show"], option["yAxis"]["show"]) == (False, False)


def test_half_a_customer_stands_on_no_axis() -> None:
    counts = bar_chart("Orders", ["Mon", "Tue"], [Series("Orders", [1, Decimal(0)])])
    amounts = bar_chart("Stars", ["Mon", "Tue"], [Series("Stars", [1, Decimal("0.5")])])
    assert (counts.option["yAxis"]["minInterval"], "minInterval" in amounts.option["yAxis"]) == (1, False)
