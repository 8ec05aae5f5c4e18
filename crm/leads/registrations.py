"""Leads in the navigation and the audit trail; their import and the scope of the API that records them."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_salesperson
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.audit.values import shipped_name
from accounts.tokens.scopes import Scope, scopes
from core.ui.navigation import NavigationEntry, navigation
from crm.imports.kinds import import_kinds
from crm.leads.forms import LeadFields
from crm.leads.lead_import import LEAD_IMPORT


def lead_name(name: str) -> str:
    """ "Ada Lovelace (Social networks)": the person and the channel."""
    person, opening, channel = name.removesuffix(")").rpartition(" (")
    return f"{person} ({shipped_name(channel)})" if opening else name


import_kinds.register(LEAD_IMPORT)
scopes.register(
    Scope(
        code="leads:write",
        title=_("Record leads"),
        explanation=_("Creates leads with their contact. Cannot read leads."),
    )
)
navigation.register(NavigationEntry("leads", "generate", _("Leads"), "lead_list", 20, is_office))
navigation.register(NavigationEntry("my_leads", "my_customers", _("My leads"), "lead_list", 30, is_salesperson))
action_titles.update(
    {
        "lead_delete": _("Lead deleted"),
        "lead_record": _("Lead recorded"),
        "lead_update": _("Lead edited"),
        "leads_assign": _("Leads assigned"),
        "leads_record": _("Leads recorded"),
    }
)
audit_subject("crm.lead", _("Lead"), name=lead_name, forms=[LeadFields])
audit_subject("accounts.company", fields={"leads": AuditField(_("Leads")), "source": AuditField(_("Source"))})
