"""My day, mini-lists and notes: navigation, first page, reassignment, results, timeline, audit trail."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer, is_office, is_salesperson
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.people.models import User
from accounts.people.reassignment import Responsibility, responsibilities
from core.ui.home import HomePage, home_pages
from core.ui.navigation import NavigationEntry, navigation
from crm.activities.salesperson_results import (
    Counted,
    ResultMeasure,
    customers_contacted,
    result_measures,
    sales_credited,
)
from crm.activities.services.mini_lists import minilist_count, minilist_hand_over
from crm.activities.timeline import note_events
from crm.contacts.models import Contact
from crm.contacts.registries import ContactAction, TimelineSource, contact_actions, timeline_sources


def _hand_over(holder: User, heir: User | None, actor: User) -> int:
    return minilist_hand_over(holder=holder, heir=heir, actor=actor)


def _assign_url(contact: Contact) -> str:
    return f"{reverse('minilist_assign')}?{urlencode({'id': contact.public_id})}"


navigation.register(NavigationEntry("my_day", "my_day", _("My day"), "my_day", 10, is_salesperson))
navigation.register(
    NavigationEntry("my_customers", "my_customers", _("My customers"), "my_customers", 10, is_salesperson)
)
navigation.register(NavigationEntry("mini_lists", "attend", _("Mini-lists"), "minilist_list", 60, is_office))
home_pages.register(HomePage("my_day", "my_day", is_salesperson, 10))
responsibilities.register(Responsibility("mini_list", _("customers on the mini-list"), minilist_count, _hand_over))
result_measures.register(ResultMeasure("sales", _("Sales credited to you"), Counted.MONEY, sales_credited, 10))
result_measures.register(ResultMeasure("orders", _("Orders of your customers"), Counted.EVENTS, sales_credited, 20))
result_measures.register(
    ResultMeasure("contacted", _("Customers you contacted"), Counted.PEOPLE, customers_contacted, 30)
)
timeline_sources.register(TimelineSource("notes", _("Activities"), "note", note_events))
contact_actions.register(
    ContactAction(
        code="minilist_assign",
        title=_("Assign to a salesperson"),
        url=_assign_url,
        visible_to=lambda user, contact: is_marketer(user),
        icon="user-share",
        order=80,
    )
)
action_titles.update(
    {
        "minilist_assign": _("Customer assigned"),
        "minilist_hand_over": _("Customers handed over"),
        "minilist_release": _("Customer unassigned"),
        "note_add": _("Note added"),
    }
)
audit_subject("accounts.user", fields={"customers": AuditField(_("Customers")), "heir": AuditField(_("New owner"))})
