from core.ids import public_id
from crm.channels.models import Channel
from crm.forms.models import LeadFormSubmission
from crm.forms.services import confirmation_token, lead_form_submit
from crm.forms.tests.factories import make_lead_form
from tests.matrix.registry import MARKETERS, OFFICE, PUBLIC, Cast, Route


def _form(cast: Cast) -> dict[str, str]:
    return {"public_id": make_lead_form().public_id}


def _form_body(cast: Cast) -> dict[str, object]:
    return {
        "name": "Autumn",
        "title": "Autumn catalogue",
        "channel": Channel.objects.get(code="seo").pk,
        "attended_by": "ecommerce",
        "thank_you": "Thanks",
        "fields_asked": ["first_name"],
    }


def _confirmation(cast: Cast) -> dict[str, str]:
    submission: LeadFormSubmission = lead_form_submit(
        form=make_lead_form(), key=public_id(), email="new@example.com", values={}, consent=True, utm={}
    )
    return {"token": confirmation_token(submission)}


ROUTES = {
    "lead_form_list": Route(get=OFFICE),
    "lead_form_create": Route(get=MARKETERS, post=MARKETERS, body=_form_body, changed=302),
    "lead_form_edit": Route(get=MARKETERS, post=MARKETERS, kwargs=_form, body=_form_body, changed=302),
    "lead_form_detail": Route(get=OFFICE, kwargs=_form),
    "lead_form_close": Route(post=MARKETERS, kwargs=_form, changed=302),
    "lead_form_open": Route(post=MARKETERS, kwargs=_form, changed=302),
    "lead_form": Route(
        get=PUBLIC,
        post=PUBLIC,
        kwargs=lambda cast: {"public_id": make_lead_form().public_id},
        body=lambda cast: {"email": "new@example.com", "key": "k"},
        changed=302,
    ),
    "lead_form_thanks": Route(get=PUBLIC, kwargs=lambda cast: {"public_id": make_lead_form().public_id}),
    "lead_form_confirm": Route(get=PUBLIC, post=PUBLIC, kwargs=_confirmation),
}
