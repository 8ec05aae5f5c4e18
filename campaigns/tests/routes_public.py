from campaigns.engine.tokens import token_make
from campaigns.tests.factories import SendFactory
from crm.tests.factories import ContactFactory
from tests.matrix.registry import PUBLIC, Cast, Route


def _token(cast: Cast) -> dict[str, str]:
    return {"token": token_make("unsub", SendFactory.create().pk, ContactFactory.create().pk)}


ROUTES = {
    "mail_unsubscribe": Route(get=PUBLIC, post=PUBLIC, kwargs=_token, body=lambda cast: {}),
    "mail_preferences": Route(get=PUBLIC, post=PUBLIC, kwargs=_token, body=lambda cast: {}),
}
