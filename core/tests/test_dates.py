"""Days as the people of a language write them."""

from datetime import date

import pytest
from django.utils import translation

from core.ui.dates import day, day_as


@pytest.mark.parametrize(
    ("language", "grid", "plain"), [("en", "Mon 3 Nov", "3 Nov 2025"), ("es", "lun 3 nov", "3 nov 2025")]
)
def test_weekdays_and_months_are_written_as_the_language_does(language: str, grid: str, plain: str) -> None:
    with translation.override(language):
        assert (day_as(date(2025, 11, 3), "D j M"), day(date(2025, 11, 3))) == (grid, plain)
