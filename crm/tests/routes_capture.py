from typing import Any

from core.ids import public_id
from crm.models import Channel, LeadForm, LeadFormSubmission
from crm.services.lead_forms import confirmation_token, lead_form_submit
from crm.services.nps import nps_url
from crm.tests.factories import ConsentTopicFactory
from tests.matrix.registry import MARKETERS, PUBLIC, Cast, Route


def a_form(**fields: Any) -> LeadForm:
    return LeadForm.objects.create(
        **{
            "name": f"Spring {public_id()}",
            "title": "Spring catalogue",
            "channel": Channel.objects.get(code="landing_pages"),
            "fields": ["first_name", "interest"],
            "topic": ConsentTopicFactory.create(),
            "wording": "Send me news by mail.",
            "thank_you": "See you soon.",
            **fields,
        }
    )


def _confirmation(cast: Cast) -> dict[str, str]:
    submission: LeadFormSubmission = lead_form_submit(
        form=a_form(), key=public_id(), email="new@example.com", values={}, consent=True, utm={}
    )
    return {"token": confirmation_token(submission)}


ROUTES = {
    "lead_form": Route(
        get=PUBLIC,
        post=PUBLIC,
        kwargs=lambda cast: {"public_id": a_form().public_id},
        body=lambda cast: {"email": "new@example.com", "key": "k"},
        changed=302,
    ),
    "lead_form_thanks": Route(get=PUBLIC, kwargs=lambda cast: {"public_id": a_form().public_id}),
    "lead_form_confirm": Route(get=PUBLIC, post=PUBLIC, kwargs=_confirmation),
    "nps_answer": Route(
        get=PUBLIC,
        post=PUBLIC,
        kwargs=lambda cast: {"token": nps_url(cast.contact.public_id).rstrip("/").rsplit("/", 1)[1]},
        body=lambda cast: {"score": "9", "comment": "Good"},
    ),
    "api_lead_create": Route(
        post=MARKETERS,
        body=lambda cast: {"external_id": "1", "channel": "seo", "email": "new@example.com"},
    ),
    "api_nps_create": Route(post=MARKETERS, body=lambda cast: {"external_id": "1", "score": 9}),
}
