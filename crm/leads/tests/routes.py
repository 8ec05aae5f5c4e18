from accounts.people.models import User
from crm.channels.models import Channel
from crm.leads.models import Lead
from crm.leads.tests.factories import LeadFactory
from tests.matrix.registry import EVERYONE, MARKETERS, OFFICE_AND_OWNER, Cast, Route


def _seo() -> Channel:
    return Channel.objects.get(code="seo")


def _lead(cast: Cast) -> dict[str, str]:
    lead: Lead = LeadFactory.create(contact=cast.contact, channel=_seo())
    return {"public_id": lead.public_id}


def _event(cast: Cast) -> dict[str, object]:
    return {"channel": _seo().pk, "occurred_at": "2026-03-01T10:00", "attended_by": "ecommerce"}


def _hand_on(cast: Cast) -> dict[str, object]:
    lead: Lead = LeadFactory.create(channel=_seo())
    owner: User = cast.owner
    return {"ids": [lead.public_id], "count": "1", "owner": owner.public_id, "state": ""}


ROUTES = {
    "lead_list": Route(get=EVERYONE),
    "lead_create": Route(
        get=MARKETERS, post=MARKETERS, body=lambda cast: {**_event(cast), "email": "new@example.com"}, changed=302
    ),
    "leads_assign": Route(post=MARKETERS, body=_hand_on, changed=302),
    "lead_detail": Route(get=OFFICE_AND_OWNER, post=MARKETERS, kwargs=_lead, body=_event, personal=True, changed=302),
    "lead_delete": Route(post=MARKETERS, kwargs=_lead, changed=302),
    "api_lead_create": Route(
        post=MARKETERS,
        body=lambda cast: {"external_id": "1", "channel": "seo", "email": "new@example.com"},
    ),
}
