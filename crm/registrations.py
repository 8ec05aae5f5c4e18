"""What the customer base offers the rest of the house: the registrations of its features.

The order here is the order of the kinds of import and of the fields of a segment.
"""

from importlib import import_module
from typing import Any

from core.rules.fields import fields
from crm.consent.segment_fields import REACH_FIELDS
from crm.contacts.segment_fields import PERSON_FIELDS, RELATION_FIELDS
from crm.jobs.registrations import BEAT as JOBS_BEAT
from crm.leads.segment_fields import LEAD_FIELDS
from crm.sales.segment_fields import ORDER_FIELDS
from crm.scoring.registrations import BEAT as SCORING_BEAT
from crm.scoring.segment_fields import RFM_FIELDS
from crm.surveys.segment_fields import NPS_FIELDS

FEATURES = (
    "channels", "brands", "contacts", "sales", "leads", "consent", "forms", "activities", "surveys", "scoring",
    "imports", "jobs",
)  # fmt: skip
BEAT: dict[str, dict[str, Any]] = {**JOBS_BEAT, **SCORING_BEAT}

for feature in FEATURES:
    import_module(f"crm.{feature}.registrations")
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
