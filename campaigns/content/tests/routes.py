"""What the pages and API routes of templates promise to whom."""

from typing import Any

from campaigns.content.models import EmailTemplate
from crm.brands.tests.factories import BrandFactory
from tests.matrix.registry import DESIGNERS, OFFICE, Cast, Route


def template(cast: Cast) -> dict[str, Any]:
    made = EmailTemplate.objects.create(brand=BrandFactory.create(), name="Plain", body="<mjml></mjml>")
    return {"public_id": made.public_id}


def template_body(cast: Cast) -> dict[str, Any]:
    return {"name": "Other", "brand": BrandFactory.create().pk, "subject": "", "body": "<mjml></mjml>", "revision": "1"}


ROUTES = {
    "template_list": Route(get=OFFICE),
    "template_create": Route(get=DESIGNERS, post=DESIGNERS, body=template_body, changed=302),
    "template_update": Route(get=OFFICE, post=DESIGNERS, kwargs=template, body=template_body, changed=302),
    "template_preview": Route(get=OFFICE, kwargs=template),
    "starter_preview": Route(get=OFFICE, kwargs=lambda cast: {"use": "campaign", "code": "1-offer"}),
    "template_archive": Route(post=DESIGNERS, kwargs=template, changed=302),
    "template_restore": Route(post=DESIGNERS, kwargs=template, changed=302),
}
