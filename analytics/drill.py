"""From a number to the rows it counts: the address of the list that shows exactly those."""

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

LISTS = {
    "spend": "spend_list",
    "leads": "lead_list",
    "customers": "new_customer_list",
    "customers_without_lead": "new_customer_list",
    "nps_answers": "nps_list",
}
PARAMETERS = {"channel": "channel", "salesperson": "credit", "attended_by": "attended_by"}
NONE = "none"


def rows_url(code: str, *, start: date, end: date, by: str = "total", key: str = "") -> str:
    """The list behind the sum `code` over these company days, for the row `key` of a split `by` (an empty key: nobody,
    no channel). Empty for a ratio, whose two sums are the numbers to click."""
    if code not in LISTS or (by == "salesperson" and code == "spend"):
        return ""
    asked = {"day_from": start.isoformat(), "day_to": end.isoformat()}
    if code == "customers_without_lead":
        asked["lead"] = "no"
    if by in PARAMETERS:
        asked[PARAMETERS[by]] = key or NONE
    return f"{reverse(LISTS[code])}?{urlencode(asked)}"
