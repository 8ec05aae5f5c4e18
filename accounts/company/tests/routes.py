"""What the page of the company's settings promises to whom."""

from tests.matrix.registry import DIRECTORS, Route

COMPANY = {"name": "Shop", "time_zone": "Europe/Madrid", "currency": "EUR", "language": "es", "week_starts_on": "0"}

ROUTES = {
    "company_settings": Route(get=DIRECTORS, post=DIRECTORS, body=lambda cast: COMPANY, changed=302),
}
