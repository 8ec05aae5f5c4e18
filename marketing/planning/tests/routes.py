"""What the pages of targets promise to whom."""

from datetime import date
from decimal import Decimal

from marketing.planning.models import KpiTarget
from tests.matrix.registry import DIRECTORS, OFFICE, Cast, Route

DAY = date(2026, 3, 1)


def _target(cast: Cast) -> dict[str, int]:
    target, _created = KpiTarget.objects.get_or_create(
        kpi="cpl", starts_on=DAY, ends_on=DAY, defaults={"value": Decimal(20)}
    )
    return {"pk": target.pk}


ROUTES = {
    "target_list": Route(
        get=OFFICE,
        post=DIRECTORS,
        body=lambda cast: {"kpi": "cvr", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "value": "10"},
        changed=302,
    ),
    "target_delete": Route(post=DIRECTORS, kwargs=_target, changed=302),
}
