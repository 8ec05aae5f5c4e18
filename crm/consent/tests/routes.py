from typing import Any

from crm.contacts.tests.factories import ContactFactory
from tests.matrix.registry import MARKETERS, MARKETERS_AND_OWNER, Cast, Route


def _contact(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.contact.public_id}


def _chosen(cast: Cast) -> dict[str, Any]:
    return {"ids": [ContactFactory.create().public_id], "count": "1", "all": "", "state": ""}


ROUTES = {
    "consent_change": Route(
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"topic": "newsletter", "given": "1", "wording": "At the fair"},
        personal=True,
        changed=302,
    ),
    "suppression_change": Route(post=MARKETERS_AND_OWNER, kwargs=_contact, personal=True, changed=302),
    "contact_bulk_suppress": Route(post=MARKETERS, body=_chosen, changed=302),
}
