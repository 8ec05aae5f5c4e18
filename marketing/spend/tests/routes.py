"""What the pages and the API of spend promise to whom."""

from datetime import date
from decimal import Decimal

from core.ids import public_id
from crm.channels.models import Channel
from marketing.spend.models import SpendEntry
from marketing.spend.services import Money, spend_delete, spend_record
from tests.matrix.registry import MARKETERS, OFFICE, Cast, Route

DAY = date(2026, 3, 1)


def _entry(cast: Cast) -> SpendEntry:
    return spend_record(channel=Channel.objects.get(code="seo"), day=DAY, money=Money(Decimal(10)), note=public_id())[0]


def _undo(cast: Cast) -> dict[str, str]:
    return {"token": spend_delete(entry=_entry(cast), actor=cast.marketer)}


def _body(cast: Cast) -> dict[str, object]:
    channel = Channel.objects.get(code="seo").pk
    return {"channel": channel, "day": "2026-03-01", "amount": "10.00", "currency": "EUR"}


ROUTES = {
    "spend_list": Route(get=OFFICE),
    "spend_grid": Route(get=MARKETERS, post=MARKETERS, query="?to=2026-03-01", body=lambda cast: {}, changed=302),
    "spend_create": Route(get=MARKETERS, post=MARKETERS, body=_body, changed=302),
    "spend_edit": Route(
        get=OFFICE, post=MARKETERS, kwargs=lambda cast: {"pk": _entry(cast).pk}, body=_body, changed=302
    ),
    "spend_delete": Route(post=MARKETERS, kwargs=lambda cast: {"pk": _entry(cast).pk}, changed=302),
    "spend_restore": Route(post=MARKETERS, kwargs=_undo, changed=302),
    "api_spend_create": Route(
        post=MARKETERS,
        body=lambda cast: {"external_id": "1", "channel": "seo", "day": "2026-03-01", "amount": "10.00"},
    ),
}
