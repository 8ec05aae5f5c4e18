"""What the addresses promise that providers report to."""

import hashlib
import hmac
import secrets
import time

from core.secrets import secret_seal
from delivery.feedback.models import ProviderWebhook
from tests.matrix.registry import PUBLIC, Cast, Route

KEY = "signing-key"


def _hook(cast: Cast) -> dict[str, str]:
    hook = ProviderWebhook.objects.create(provider="mailgun", secret=secret_seal(KEY))
    return {"public_id": hook.public_id}


def _signed(cast: Cast) -> dict[str, str]:
    """A report as Mailgun signs it."""
    at, token = str(int(time.time())), secrets.token_hex(25)
    signature = hmac.new(KEY.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": at, "token": token, "signature": signature, "event": "delivered", "recipient": "a@b.example"}


ROUTES = {
    "provider_hook": Route(post=PUBLIC, kwargs=_hook, body=_signed, changed=200),
}
