from accounts.models import User
from crm.models import Channel, Lead
from crm.tests.factories import LeadFactory
from crm.tests.routes_capture import a_form
from tests.matrix.registry import EVERYONE, MARKETERS, OFFICE, OFFICE_AND_OWNER, Cast, Route


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


def _form(cast: Cast) -> dict[str, str]:
    return {"public_id": a_form().public_id}


def _form_body(cast: Cast) -> dict[str, object]:
    return {
        "name": "Autumn",
        "title": "Autumn catalogue",
        "channel": _seo().pk,
        "attended_by": "ecommerce",
        "thank_you": "Thanks",
        "fields_asked": ["first_name"],
    }


ROUTES = {
    "lead_list": Route(get=EVERYONE),
    "lead_create": Route(
        get=MARKETERS, post=MARKETERS, body=lambda cast: {**_event(cast), "email": "new@example.com"}, changed=302
    ),
    "leads_assign": Route(post=MARKETERS, body=_hand_on, changed=302),
    "lead_detail": Route(get=OFFICE_AND_OWNER, post=MARKETERS, kwargs=_lead, body=_event, personal=True, changed=302),
    "lead_delete": Route(post=MARKETERS, kwargs=_lead, changed=302),
    "lead_form_list": Route(get=OFFICE),
    "lead_form_create": Route(get=MARKETERS, post=MARKETERS, body=_form_body, changed=302),
    "lead_form_edit": Route(get=MARKETERS, post=MARKETERS, kwargs=_form, body=_form_body, changed=302),
    "lead_form_detail": Route(get=OFFICE, kwargs=_form),
    "lead_form_close": Route(post=MARKETERS, kwargs=_form, changed=302),
    "lead_form_open": Route(post=MARKETERS, kwargs=_form, changed=302),
}
