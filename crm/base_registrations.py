"""Contacts, orders, imports and the RFM map in the navigation, the search, the timeline and the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import anyone, is_office
from accounts.actions import titles
from core.ui.navigation import Area, NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from crm.lookups import rfm_panel, search_contacts, search_orders
from crm.registries import ContactPanel, contact_panels, timeline_sources
from crm.timeline import SOURCES

navigation.register(NavigationEntry("contacts", Area.DATA, _("Contacts"), "contact_list", 10, is_office))
navigation.register(NavigationEntry("orders", Area.DATA, _("Orders"), "order_list", 20, is_office))
navigation.register(NavigationEntry("imports", Area.DATA, _("Imports"), "import_list", 30, is_office))
navigation.register(NavigationEntry("rfm", Area.RELATIONSHIP, _("RFM map"), "rfm_map", 10, is_office))

for source in SOURCES:
    timeline_sources.register(source)

contact_panels.register(ContactPanel("rfm", 10, "crm/_rfm_panel.html", rfm_panel, anyone))

search_providers.register(SearchProvider("contacts", _("Contacts"), search_contacts, "user", 10))
search_providers.register(SearchProvider("orders", _("Orders"), search_orders, "shopping-cart", 40))

titles.update(
    {
        "consent_record": _("Wrote down consent"),
        "contact_archive": _("Archived a contact"),
        "contact_create": _("Added a contact"),
        "contact_restore": _("Brought a contact back"),
        "contact_update": _("Changed a contact"),
        "contacts_archive": _("Archived contacts"),
        "contacts_restore": _("Brought contacts back"),
        "import_check": _("Checked a file"),
        "import_finish": _("Imported a file"),
        "import_start": _("Started an import"),
        "import_upload": _("Uploaded a file"),
        "lead_delete": _("Removed a lead"),
        "lead_form_archive": _("Closed a form"),
        "lead_form_restore": _("Opened a form again"),
        "lead_form_save": _("Changed a form"),
        "lead_record": _("Recorded a lead"),
        "lead_update": _("Changed a lead"),
        "leads_assign": _("Handed leads on"),
        "leads_record": _("Recorded leads"),
        "note_add": _("Wrote a note"),
        "nps_answer_record": _("Recorded an NPS answer"),
        "order_record": _("Added an order"),
        "rfm_segments_save": _("Redrew an RFM segment"),
        "rfm_start": _("Had the customers scored"),
        "suppression_add": _("Stopped e-mail to an address"),
        "suppression_lift": _("Allowed e-mail to an address again"),
        "suppressions_add": _("Stopped e-mail to addresses"),
    }
)
