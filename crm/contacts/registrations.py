"""Contacts in the navigation, the search and the audit trail; the life cycle in the timeline."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.company.listeners import CompanyListener, company_listeners
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from crm.contacts.forms import ContactForm
from crm.contacts.phone_numbers import phones_follow_company
from crm.contacts.registries import TimelineSource, timeline_sources
from crm.contacts.search import search_contacts
from crm.contacts.timeline import owner_events, stage_events

navigation.register(NavigationEntry("contacts", "data", _("Contacts"), "contact_list", 10, is_office))
search_providers.register(SearchProvider("contacts", _("Contacts"), search_contacts, "user", 10))
timeline_sources.register(TimelineSource("stages", _("Life cycle"), "stairs-up", stage_events))
timeline_sources.register(TimelineSource("owners", _("Owner"), "user-heart", owner_events))
company_listeners.register(CompanyListener("phones", phones_follow_company))
action_titles.update(
    {
        "contact_archive": _("Contact archived"),
        "contact_create": _("Contact added"),
        "contact_stage_set": _("Stage changed"),
        "contact_restore": _("Contact restored"),
        "contact_update": _("Contact edited"),
        "contacts_archive": _("Contacts archived"),
        "contacts_restore": _("Contacts restored"),
    }
)
audit_subject(
    "crm.contact",
    _("Contact"),
    forms=[ContactForm],
    fields={"attributes": AuditField(_("More details")), "owner": AuditField(_("Owner"))},
)
audit_subject("accounts.user", fields={"contacts": AuditField(_("Contacts"))})
