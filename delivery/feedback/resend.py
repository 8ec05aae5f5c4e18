"""Resend signs its reports as Svix does: django-anymail reads the events, the signature is checked here (its own check
needs Svix's library)."""

import base64
import hashlib
import hmac
import time
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

FRESH_SECONDS = 300
PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key in a signing secret as Resend shows it. Raises ValueError when it is none."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if not secret.startswith(PREFIX) or not key:
        raise ValueError("not a signing secret of Resend")
    return key


class ResendWebhook(ResendTrackingWebhookView):
    """Signed is the id, the time and the body, so that neither an old report nor another body passes."""

    _svix_webhook: Any = None
    warn_if_no_basic_auth = False

    def __init__(self, *, secret: str) -> None:
        self.key = key_of(secret)
        AnymailBaseWebhookView.__init__(self, webhook_secret=[])

    def validate_request(self, request: HttpRequest) -> None:
        given = request.headers
        sent_at = given.get("svix-timestamp", "")
        if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > FRESH_SECONDS:
            raise AnymailWebhookValidationFailure("an old signature, or none")
        signed = b".".join((given.get("svix-id", "").encode(), sent_at.encode(), request.body))
        right = "v1," + base64.b64encode(hmac.new(self.key, signed, hashlib.sha256).digest()).decode()
        if not any(constant_time_compare(one, right) for one in given.get("svix-signature", "").split()):
            raise AnymailWebhookValidationFailure("another signature")
