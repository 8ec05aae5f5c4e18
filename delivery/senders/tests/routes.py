"""What the pages and API routes of senders promise to whom."""

from typing import Any

from crm.brands.tests.factories import BrandFactory
from delivery.senders.tests.factories import identity_make
from tests.matrix.registry import DIRECTORS, Cast, Route


def identity(cast: Cast) -> dict[str, Any]:
    identity_make(name="Second")
    return {"pk": identity_make().pk}


def identity_body(cast: Cast) -> dict[str, Any]:
    return {
        "brand": BrandFactory.create().pk,
        "name": "News",
        "from_name": "News",
        "from_address": "news@company.example",
    }


ROUTES = {
    "identity_create": Route(get=DIRECTORS, post=DIRECTORS, body=identity_body, changed=302),
    "identity_update": Route(get=DIRECTORS, post=DIRECTORS, kwargs=identity, body=identity_body, changed=302),
    "identity_archive": Route(post=DIRECTORS, kwargs=identity, changed=302),
    "identity_restore": Route(post=DIRECTORS, kwargs=identity, changed=302),
}
