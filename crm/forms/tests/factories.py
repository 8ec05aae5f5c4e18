from typing import Any

from core.ids import public_id
from crm.channels.models import Channel
from crm.consent.tests.factories import ConsentTopicFactory
from crm.forms.models import LeadForm


def make_lead_form(**fields: Any) -> LeadForm:
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
