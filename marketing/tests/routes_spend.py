from datetime import date
from decimal import Decimal

from core.ids import public_id
from crm.models import Channel
from marketing.models import KpiTarget, SpendEntry
from marketing.services.spend import Money, spend_delete, spend_record
from tests.matrix.registry import DIRECTORS, MARKETERS, OFFICE, Cast, Route

DAY = date(2026, 3, 1)


def _entry(cast: Cast) -> SpendEntry:
    return spend_record(channel=Channel.objects.get(code="seo"), day=DAY, money=Money(Decimal(10)), note=public_id())[0]


def _undo(cast: Cast) -> dict[str, str]:
    return {"token": spend_delete(entry=_entry(cast), actor=cast.marketer)}


def _body(cast: Cast) -> dict[str, object]:
    channel = Channel.objects.get(code="seo").pk
    return {"channel": channel, "day": "2026-03-01", "amount": "10.00", "currency": "EUR"}


def _target(cast: Cast) -> dict[str, int]:
    target, _created = KpiTarget.objects.get_or_create(
        kpi="cpl", starts_on=DAY, ends_on=DAY, defaults={"value": Decimal(20)}
    )
    return {"pk": target.pk}


ROUTES = {
    "spend_list": Route(get=OFFICE),
    "spend_grid": Route(get=MARKETERS, post=MARKETERS, query="?to=2026-03-01", body=lambda cast: {}, changed=302),
    "spend_create": Route(get=MARKETERS, post=MARKETERS, body=_body, changed=302),
    "spend_edit": Route(
        get=OFFICE, post=MARKETERS, kwargs=lambda cast: {"pk": _entry(cast).pk}, body=_body, changed=302
    ),
    "spend_delete": Route(post=MARKETERS, kwargs=lambda cast: {"pk": _entry(cast).pk}, changed=302),
    "spend_restore": Route(post=MARKETERS, kwargs=_undo, changed=302),
    "target_list": Route(
        get=OFFICE,
        post=DIRECTORS,
        body=lambda cast: {"kpi": "cvr", "starts_on": "2026-03-01", "ends_on": "2026-03-31", "value": "10"},
        changed=302,
    ),
    "target_delete": Route(post=DIRECTORS, kwargs=_target, changed=302),
    "api_spend_create": Route(
        post=MARKETERS,
        body=lambda cast: {"external_id": "1", "channel": "seo", "day": "2026-03-01", "amount": "10.00"},
    ),
}
