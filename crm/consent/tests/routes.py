from typing import Any

from tests.matrix.registry import MARKETERS_AND_OWNER, Cast, Route


def _contact(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.contact.public_id}


ROUTES = {
    "consent_change": Route(
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"topic": "newsletter", "given": "1", "wording": "At the fair"},
        personal=True,
        changed=302,
    ),
    "suppression_change": Route(post=MARKETERS_AND_OWNER, kwargs=_contact, personal=True, changed=302),
}
