"""What the customer base offers the rest of the house: the registrations of its features.

The order here is the order of the kinds of import and of the fields of a segment.
"""

from typing import Any

from core.rules.fields import fields

# isort: off
from crm.channels import registrations as channels  # noqa: F401
from crm.brands import registrations as brands  # noqa: F401
from crm.contacts import registrations as contacts  # noqa: F401
from crm.sales import registrations as sales  # noqa: F401
from crm.leads import registrations as leads  # noqa: F401
from crm.consent import registrations as consent  # noqa: F401
from crm.forms import registrations as forms  # noqa: F401
from crm.activities import registrations as activities  # noqa: F401
from crm.surveys import registrations as surveys  # noqa: F401
from crm.scoring import registrations as scoring
from crm.imports import registrations as imports  # noqa: F401
from crm.jobs import registrations as jobs

# isort: on
from crm.consent.segment_fields import REACH_FIELDS
from crm.contacts.segment_fields import PERSON_FIELDS, RELATION_FIELDS
from crm.leads.segment_fields import LEAD_FIELDS
from crm.sales.segment_fields import ORDER_FIELDS
from crm.scoring.segment_fields import RFM_FIELDS
from crm.surveys.segment_fields import NPS_FIELDS

BEAT: dict[str, dict[str, Any]] = {**jobs.BEAT, **scoring.BEAT}

for field in (
    *PERSON_FIELDS,
    *ORDER_FIELDS,
    *RFM_FIELDS,
    *RELATION_FIELDS,
    *LEAD_FIELDS,
    *NPS_FIELDS,
    *REACH_FIELDS,
):
    fields.register(field)
