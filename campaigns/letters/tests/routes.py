"""What the pages and API routes of letters promise to whom."""

from typing import Any

from django.utils import timezone

from campaigns.letters.tests.factories import letter_make
from delivery.senders.tests.factories import identity_make
from delivery.sends.models import Send
from delivery.sends.tests.factories import put, willing
from tests.matrix.registry import MARKETERS, OFFICE, OFFICE_AND_OWNER, OWNER, SALESPEOPLE, Cast, Route

NOW = timezone.now


def letter(cast: Cast) -> dict[str, Any]:
    return {"public_id": letter_make(cast.owner, willing(2, owner=cast.owner)).public_id}


def desk(cast: Cast) -> dict[str, Any]:
    """The write page needs a sender to begin a letter from."""
    identity_make()
    return {}


def stopped_letter(cast: Cast) -> dict[str, Any]:
    made = letter_make(cast.owner, willing(2, owner=cast.owner))
    put(made.send, Send.State.STOPPED, launched_at=NOW(), audience=0)
    return {"public_id": made.public_id}


def letter_body(cast: Cast) -> dict[str, Any]:
    from campaigns.content.services import Content

    variant = Send.objects.filter(kind="letter").latest("pk").variants.get(label="A")
    return {"subject": "New", "body": "Hello", "started_from": Content.of(variant).mark}


ROUTES = {
    "letter_list": Route(get=OFFICE),
    "write": Route(get=SALESPEOPLE),
    "letter_create": Route(post=SALESPEOPLE, kwargs=desk, body=lambda cast: {"starter": "1-hello"}, changed=302),
    "letter_detail": Route(
        get=OFFICE_AND_OWNER, post=OWNER, kwargs=letter, body=letter_body, personal=True, changed=302
    ),
    "letter_recipients": Route(post=OWNER, kwargs=letter, personal=True, changed=302),
    "letter_test": Route(
        post=OWNER, kwargs=letter, body=lambda cast: {"second_subject": "x"}, personal=True, changed=302
    ),
    "letter_preview": Route(get=OFFICE_AND_OWNER, kwargs=letter, personal=True),
    "letter_test_send": Route(post=OWNER, kwargs=letter, personal=True, changed=302),
    "letter_trials": Route(get=OWNER, kwargs=letter, personal=True),
    "letter_launch": Route(post=OWNER, kwargs=letter, personal=True, body=lambda cast: {"expected": "2"}, changed=302),
    "letter_resume": Route(post=MARKETERS | OWNER, kwargs=stopped_letter, personal=True, changed=302),
    "letter_cancel": Route(post=MARKETERS | OWNER, kwargs=stopped_letter, personal=True, changed=302),
    "letter_retry_failed": Route(
        post=MARKETERS | OWNER, kwargs=stopped_letter, body=lambda cast: {"expected": "0"}, personal=True, changed=302
    ),
    "letter_resend_unknown": Route(
        post=MARKETERS | OWNER, kwargs=stopped_letter, body=lambda cast: {"expected": "0"}, personal=True, changed=302
    ),
    "letter_discard": Route(post=OWNER, kwargs=letter, personal=True, changed=302),
}
