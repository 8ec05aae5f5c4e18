"""Short dates as people of the active language write them."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language


def short_date(value: date, pattern: str = "j M Y") -> str:
    """As "3 Mar 2026"; where months and weekdays are written small, "3 mar 2026". `pattern` holds only weekdays, days,
    months and years."""
    written = str(date_format(value, pattern))
    return written if (get_language() or "en").startswith("en") else written.lower()
