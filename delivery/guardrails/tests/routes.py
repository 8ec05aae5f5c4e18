"""What the pages and API routes of the settings of e-mail promise to whom."""

from tests.matrix.registry import DIRECTORS, OFFICE, Route

ROUTES = {
    "email_settings": Route(
        get=OFFICE,
        post=DIRECTORS,
        body=lambda cast: {"cap_messages": "2", "cap_days": "7", "late_start_minutes": "30"},
        changed=302,
    ),
    "email_retention": Route(
        post=DIRECTORS, body=lambda cast: {"keep_events_months": "13", "keep_ledger_months": ""}, changed=302
    ),
}
