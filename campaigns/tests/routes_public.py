import hashlib
import hmac
import secrets
import time

from campaigns.engine.compile import compile_variant
from campaigns.engine.tokens import token_make
from campaigns.models.bounces import ProviderHook
from campaigns.models.sends import Delivery, Variant
from campaigns.tests.factories import SendFactory, VariantFactory
from core.secrets import secret_seal
from crm.contacts.tests.factories import ContactFactory
from tests.matrix.registry import PUBLIC, Cast, Route


def _token(cast: Cast) -> dict[str, str]:
    return {"token": token_make("unsub", SendFactory.create().pk, ContactFactory.create().pk)}


def _received(cast: Cast) -> dict[str, str]:
    variant, contact = VariantFactory.create(), ContactFactory.create()
    Variant.objects.filter(pk=variant.pk).update(compiled=compile_variant(variant, variant.send).dump())
    Delivery.objects.create(
        send=variant.send, contact_id=contact.pk, variant_id=variant.pk, batch=1, state="sent", address=contact.email
    )
    return {"token": token_make("unsub", variant.send_id, contact.pk)}


KEY = "signing-key"


def _hook(cast: Cast) -> dict[str, str]:
    hook = ProviderHook.objects.create(provider="mailgun", secret=secret_seal(KEY))
    return {"public_id": hook.public_id}


def _signed(cast: Cast) -> dict[str, str]:
    """A report as Mailgun signs it."""
    at, token = str(int(time.time())), secrets.token_hex(25)
    signature = hmac.new(KEY.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": at, "token": token, "signature": signature, "event": "delivered", "recipient": "a@b.example"}


ROUTES = {
    "mail_unsubscribe": Route(get=PUBLIC, post=PUBLIC, kwargs=_token, body=lambda cast: {}),
    "mail_online": Route(get=PUBLIC, kwargs=_received),
    "provider_hook": Route(post=PUBLIC, kwargs=_hook, body=_signed, changed=200),
    "mail_preferences": Route(get=PUBLIC, post=PUBLIC, kwargs=_token, body=lambda cast: {}),
}
