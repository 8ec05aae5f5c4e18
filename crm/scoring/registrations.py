"""The RFM map in the navigation and the audit trail, the scores on the page of a contact, and the nightly scoring."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_signed_in
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import shipped_name
from core.ui.navigation import NavigationEntry, navigation
from crm.contacts.registries import ContactPanel, contact_panels
from crm.scoring.queries import rfm_panel

BEAT: dict[str, dict[str, Any]] = {
    "crm-score-rfm-nightly": {"task": "crm.score_rfm_nightly", "schedule": 1800.0},
}


def job_name(name: str) -> str:
    """What a job was for, by its kind, the first word of its name."""
    return str(_("RFM scoring")) if name.split()[:1] == ["rfm"] else name


navigation.register(NavigationEntry("rfm", "relationship", _("RFM map"), "rfm_map", 10, is_office))
contact_panels.register(ContactPanel("rfm", 10, "crm/scoring/_rfm_panel.html", rfm_panel, is_signed_in))
action_titles.update(
    {
        "rfm_segments_save": _("RFM segment edited"),
        "rfm_start": _("Scoring started"),
    }
)
audit_subject(
    "crm.rfmsegment",
    _("RFM segment"),
    name=shipped_name,
    fields={
        "name": AuditField(_("Name"), shipped_name),
        "advice": AuditField(_("Recommended action"), shipped_name),
        "cells": AuditField(_("Cells")),
    },
)
audit_subject("core.job", _("Background job"), name=job_name)
