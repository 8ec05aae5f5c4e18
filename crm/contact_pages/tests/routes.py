from typing import Any

from crm.contacts.tests.factories import ContactFactory
from tests.matrix.registry import MARKETERS, MARKETERS_AND_OWNER, OFFICE, OFFICE_AND_OWNER, Cast, Route


def _contact(cast: Cast) -> dict[str, Any]:
    return {"public_id": cast.contact.public_id}


def _chosen(cast: Cast) -> dict[str, Any]:
    return {"ids": [ContactFactory.create().public_id], "count": "1", "all": "", "state": ""}


ROUTES = {
    "contact_list": Route(get=OFFICE),
    "contact_create": Route(
        get=MARKETERS, post=MARKETERS, body=lambda cast: {"first_name": "Eva", "email": "eva@example.com"}, changed=302
    ),
    "contact_bulk_archive": Route(post=MARKETERS, body=_chosen, changed=302),
    "contact_bulk_restore": Route(post=MARKETERS, body=_chosen, changed=302),
    "contact_detail": Route(get=OFFICE_AND_OWNER, kwargs=_contact, personal=True),
    "contact_timeline": Route(get=OFFICE_AND_OWNER, kwargs=_contact, personal=True),
    "contact_change": Route(
        get=MARKETERS_AND_OWNER,
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"first_name": "Eva", "email": "eva@example.com"},
        personal=True,
        changed=302,
    ),
    "contact_stage_set": Route(
        post=MARKETERS_AND_OWNER, kwargs=_contact, body=lambda cast: {"stage": "qualified"}, personal=True, changed=302
    ),
    "contact_archive": Route(post=MARKETERS, kwargs=_contact, changed=302),
    "contact_restore": Route(post=MARKETERS, kwargs=_contact, changed=302),
    "note_create": Route(
        post=MARKETERS_AND_OWNER,
        kwargs=_contact,
        body=lambda cast: {"kind": "call", "text": "Wants tea."},
        personal=True,
        changed=302,
    ),
    "contact_bulk_assign": Route(post=MARKETERS, body=_chosen),
    "contact_bulk_suppress": Route(post=MARKETERS, body=_chosen, changed=302),
}
