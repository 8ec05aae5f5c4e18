from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from core.kpis import BetterWhen, Unit
from core.ui import numbers
from core.ui.figures import KeyFigure


@pytest.mark.parametrize(
    ("language", "count", "amount", "share"),
    [("en", "1,234.5", "€1,234.50", "12.3%"), ("es", "1.234,5", "1.234,50\xa0€", "12,3\xa0%")],
)
def test_numbers_are_written_as_the_language_does(language: str, count: str, amount: str, share: str) -> None:
    with translation.override(language):
        assert numbers.number(Decimal("1234.5"), 1) == count
        assert numbers.money(Decimal("1234.5"), "EUR") == amount
        assert numbers.percent(0.1234) == share


def test_money_has_the_places_of_its_currency() -> None:
    assert numbers.money(1234, "JPY") == "¥1,234"
    assert numbers.money(Decimal("3.5"), "EUR", places=0) in {"€3", "€4"}


def test_nothing_is_a_dash() -> None:
    assert {numbers.number(None), numbers.money(None), numbers.percent(None), numbers.compact(None)} == {"–"}


def test_signs_are_shown_and_durations_have_one_unit() -> None:
    assert [numbers.signed(value) for value in (12, -3, 0)] == ["+12", "−3", "±0"]
    spans = [timedelta(seconds=40), timedelta(minutes=3), timedelta(hours=2), timedelta(days=5)]
    assert [numbers.duration(span) for span in spans] == ["40 seconds", "3 minutes", "2 hours", "5 days"]


def test_an_undefined_figure_is_a_dash_with_its_reason() -> None:
    figure = KeyFigure("CPL", None, Unit.MONEY, before=3, reason="No leads in this period.")
    assert (figure.text, figure.why_undefined, figure.change_text) == ("–", "No leads in this period.", "")


def test_a_change_says_how_much_and_which_way_is_better() -> None:
    fewer = KeyFigure("Leads", 88, before=100)
    assert (fewer.change_text, fewer.tone, fewer.relative) == ("12 fewer", "bad", Decimal("-0.12"))
    cheaper = KeyFigure("CPL", Decimal("3.50"), Unit.MONEY, before=4, better=BetterWhen.LOWER, currency="EUR")
    assert (cheaper.change_text, cheaper.tone) == ("−€0.50", "good")
    ratio = KeyFigure("CVR", 0.114, Unit.RATIO, before=0.10)
    assert (ratio.change_text, ratio.tone) == ("+1.4 points", "good")
    assert KeyFigure("NPS", 40, Unit.SCORE, before=40).change_text == "the same"
    assert KeyFigure("Size", 5, before=4, better=None).tone == ""


def test_a_target_is_met_by_its_direction() -> None:
    assert KeyFigure("Leads", 90, target=100).target_share == 90
    assert KeyFigure("Leads", 90, target=100).target_tone == "bad"
    cost = KeyFigure("CPL", 3, Unit.MONEY, target=4, better=BetterWhen.LOWER)
    assert (cost.target_tone, cost.target_share) == ("good", None)
