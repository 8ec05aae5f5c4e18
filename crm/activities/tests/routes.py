from crm.activities.services.quick_add import minilist_quick_add
from crm.contacts.tests.factories import ContactFactory
from tests.matrix.registry import MARKETERS, OFFICE, OWNER, SALESPEOPLE, Cast, Route


def _contact(cast: Cast) -> dict[str, str]:
    return {"public_id": cast.contact.public_id}


def _offer(cast: Cast) -> dict[str, str]:
    """A free person this salesperson found; an offer to somebody else is refused."""
    asking = cast.asking or cast.owner
    known = ContactFactory.create()
    return {"offer": minilist_quick_add(owner=asking, fields={"first_name": "A", "email": known.email}).offer}


def _new(cast: Cast) -> dict[str, str]:
    return {"name": "Nina New", "reach": "nina@example.com", "tastes": "tea, running"}


ROUTES = {
    "my_day": Route(get=SALESPEOPLE),
    "day_done": Route(post=OWNER, kwargs=_contact, personal=True, body=lambda cast: {"reason": "idle"}, changed=302),
    "day_later": Route(post=OWNER, kwargs=_contact, personal=True, body=lambda cast: {"days": "7"}, changed=302),
    "day_called": Route(post=OWNER, kwargs=_contact, personal=True, body=lambda cast: {"text": "Hi"}, changed=302),
    "my_customers": Route(get=SALESPEOPLE, query="?q=tea"),
    "my_customer_add": Route(get=SALESPEOPLE, post=SALESPEOPLE, body=_new, changed=302),
    "my_customer_take": Route(post=SALESPEOPLE, body=_offer, changed=302),
    "my_customer_edit": Route(
        get=OWNER, post=OWNER, kwargs=_contact, personal=True, body=lambda cast: {"tastes": "tea"}, changed=302
    ),
    "minilist_list": Route(get=OFFICE),
    "minilist_assign": Route(
        get=MARKETERS,
        post=MARKETERS,
        body=lambda cast: {"id": [cast.contact.public_id], "owner": cast.teammate.public_id},
        changed=302,
    ),
}
