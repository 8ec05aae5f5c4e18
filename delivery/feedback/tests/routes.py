"""What the pages and API routes of bounces and suppressed addresses promise to whom."""

from typing import Any

from core.secrets import secret_seal
from crm.consent.models import Suppression
from delivery.feedback.models import Bounce, BounceMailbox, ProviderWebhook
from tests.matrix.registry import DIRECTORS, MARKETERS, OFFICE, Cast, Route


def bounce(cast: Cast) -> dict[str, Any]:
    made = Bounce.objects.create(event_key="matrix", kind="hard", source="webhook", contact=cast.contact)
    return {"pk": made.pk}


def suppressed(cast: Cast) -> dict[str, Any]:
    return {"pk": Suppression.objects.create(address_hash="0" * 64, reason="bounced").pk}


def mailbox(cast: Cast) -> dict[str, Any]:
    """At an address where nobody answers: what the pages say then is their promise too."""
    password = secret_seal("mailbox")
    made = BounceMailbox.objects.create(name="Bounces", host="127.0.0.1", port=1, username="b", password=password)
    return {"pk": made.pk}


def mailbox_body(cast: Cast) -> dict[str, Any]:
    return {
        "name": "Returned", "host": "imap.company.example", "port": "993", "security": "tls", "username": "b",
        "password": "secret", "folder": "INBOX", "done_folder": "",
    }  # fmt: skip


def hook(cast: Cast) -> dict[str, Any]:
    return {"public_id": ProviderWebhook.objects.create(provider="postmark").public_id}


def rule_body(cast: Cast) -> dict[str, Any]:
    return {
        "soft_bounces": "3", "soft_days": "30", "complaint_warn": "0.1", "complaint_stop": "0.3",
        "complaint_least": "3", "bounce_warn": "5", "bounce_stop": "10", "bounce_least": "10",
    }  # fmt: skip


ROUTES = {
    "bounce_list": Route(get=OFFICE),
    "bounce_detail": Route(get=OFFICE, kwargs=bounce),
    "bounce_setup": Route(get=OFFICE, post=DIRECTORS, body=rule_body, changed=302),
    "suppression_list": Route(get=OFFICE),
    "suppression_create": Route(
        get=MARKETERS,
        post=MARKETERS,
        body=lambda cast: {"addresses": "a@far.example", "reason": "manual"},
        changed=302,
    ),
    "suppression_detail": Route(get=OFFICE, kwargs=suppressed),
    "suppression_remove": Route(post=DIRECTORS, kwargs=suppressed, body=lambda cast: {"why": "asked"}, changed=302),
    "mailbox_create": Route(get=DIRECTORS, post=DIRECTORS, body=mailbox_body, changed=302),
    "mailbox_update": Route(get=DIRECTORS, post=DIRECTORS, kwargs=mailbox, body=mailbox_body, changed=302),
    "mailbox_test": Route(post=DIRECTORS, kwargs=mailbox, changed=200),
    "mailbox_poll": Route(post=DIRECTORS, kwargs=mailbox, changed=302),
    "mailbox_archive": Route(post=DIRECTORS, kwargs=mailbox, changed=302),
    "mailbox_restore": Route(post=DIRECTORS, kwargs=mailbox, changed=302),
    "hook_create": Route(
        get=DIRECTORS, post=DIRECTORS, body=lambda cast: {"provider": "postmark", "secret": ""}, changed=302
    ),
    "hook_update": Route(
        get=DIRECTORS,
        post=DIRECTORS,
        kwargs=hook,
        body=lambda cast: {"provider": "postmark", "secret": ""},
        changed=302,
    ),
    "hook_archive": Route(post=DIRECTORS, kwargs=hook, changed=302),
    "hook_restore": Route(post=DIRECTORS, kwargs=hook, changed=302),
    "api_bounce_list": Route(get=OFFICE),
    "api_suppression_list": Route(
        get=OFFICE, post=MARKETERS, body=lambda cast: {"addresses": ["a@far.example"], "reason": "manual"}
    ),
}
