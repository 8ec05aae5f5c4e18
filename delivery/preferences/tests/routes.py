"""What the pages behind the links in a mail promise."""

from crm.contacts.tests.factories import ContactFactory
from delivery.engine.compile import compile_variant
from delivery.engine.tokens import token_make
from delivery.sends.models import Delivery, Variant
from delivery.sends.tests.factories import SendFactory, VariantFactory
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


ROUTES = {
    "mail_unsubscribe": Route(get=PUBLIC, post=PUBLIC, kwargs=_token, body=lambda cast: {}),
    "mail_online": Route(get=PUBLIC, kwargs=_received),
    "mail_preferences": Route(get=PUBLIC, post=PUBLIC, kwargs=_token, body=lambda cast: {}),
}
