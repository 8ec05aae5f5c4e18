"""What the pages and API routes of sending domains promise to whom."""

from typing import Any

from delivery.domains.services.signing import dkim_key_make, domain_ensure
from delivery.senders.tests.factories import identity_make
from tests.matrix.registry import DIRECTORS, OFFICE, Cast, Route


def domain(cast: Cast) -> dict[str, Any]:
    identity_make()
    return {"pk": domain_ensure(address="shop@company.example").pk}


def named_domain(cast: Cast) -> dict[str, Any]:
    domain(cast)
    return {"name": "company.example"}


def key(cast: Cast) -> dict[str, Any]:
    made = dkim_key_make(domain=domain_ensure(address="shop@company.example"), algorithm="ed25519", actor=None)
    return {"pk": made.pk}


ROUTES = {
    "deliverability": Route(get=OFFICE),
    "domain_detail": Route(
        get=OFFICE, post=DIRECTORS, kwargs=domain, body=lambda cast: {"provider_selectors": "s1"}, changed=302
    ),
    "warmup_update": Route(
        post=DIRECTORS,
        kwargs=domain,
        body=lambda cast: {"is_on": "on", "first": "100", "growth": "2", "goal": "1000", "opens_at": "8"},
        changed=302,
    ),
    "domain_check": Route(post=DIRECTORS, kwargs=domain, changed=302),
    "dkim_key_create": Route(post=DIRECTORS, kwargs=domain, body=lambda cast: {"algorithm": "ed25519"}, changed=302),
    "dkim_key_activate": Route(post=DIRECTORS, kwargs=key),
    "dkim_key_retire": Route(post=DIRECTORS, kwargs=key, changed=302),
    "api_domain_list": Route(get=OFFICE),
    "api_domain_detail": Route(get=OFFICE, kwargs=named_domain),
    "api_domain_check": Route(post=DIRECTORS, kwargs=named_domain, body=lambda cast: {}),
}
