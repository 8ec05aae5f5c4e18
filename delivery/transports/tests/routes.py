"""What the pages and API routes of providers promise to whom."""

from typing import Any

from delivery.transports.models import Provider
from tests.matrix.registry import DIRECTORS, OFFICE, Cast, Route


def provider(cast: Cast) -> dict[str, Any]:
    made = Provider.objects.filter(name="Relay").first() or Provider(name="Relay")
    made.url = "smtp://127.0.0.1:1"
    made.save()
    return {"pk": made.pk}


def public_provider(cast: Cast) -> dict[str, Any]:
    return {"public_id": Provider.objects.get(**provider(cast)).public_id}


def provider_body(cast: Cast) -> dict[str, Any]:
    return {
        "name": "Other relay", "kind": "smtp", "host": "mail.example.com", "port": "587", "security": "starttls",
        "username": "me", "secret": "secret", "connections": "2",
    }  # fmt: skip


ROUTES = {
    "provider_list": Route(get=OFFICE),
    "provider_create": Route(get=DIRECTORS, post=DIRECTORS, body=provider_body, changed=302),
    "provider_update": Route(get=DIRECTORS, post=DIRECTORS, kwargs=provider, body=provider_body, changed=302),
    "provider_test": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_test_send": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_pause": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_resume": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_archive": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "provider_restore": Route(post=DIRECTORS, kwargs=provider, changed=302),
    "api_provider_list": Route(get=OFFICE),
    "api_provider_detail": Route(get=OFFICE, kwargs=public_provider),
    "api_provider_pause": Route(post=DIRECTORS, kwargs=public_provider, body=lambda cast: {}),
    "api_provider_resume": Route(post=DIRECTORS, kwargs=public_provider, body=lambda cast: {}),
}
