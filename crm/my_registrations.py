"""What mini-lists offer the rest: navigation, the salesperson's first page, what must be handed over, results."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import is_marketer, is_office, is_salesperson
from accounts.amounts import AmountsKept, amounts
from accounts.handover import Responsibility, responsibilities
from accounts.models import User
from core.ui.home import HomePage, home_pages
from core.ui.navigation import Area, NavigationEntry, navigation
from crm.models import Contact, Order
from crm.registries import ContactAction, contact_actions
from crm.results import Counted, ResultMeasure, customers_contacted, result_measures, sales_credited
from crm.services.minilists import minilist_count, minilist_hand_over


def _hand_over(holder: User, heir: User | None, actor: User) -> int:
    return minilist_hand_over(holder=holder, heir=heir, actor=actor)


def _assign_url(contact: Contact) -> str:
    return f"{reverse('minilist_assign')}?{urlencode({'id': contact.public_id})}"


navigation.register(NavigationEntry("my_day", Area.MY_DAY, _("My day"), "my_day", 10, is_salesperson))
navigation.register(
    NavigationEntry("my_customers", Area.MY_CUSTOMERS, _("My customers"), "my_customers", 10, is_salesperson)
)
navigation.register(NavigationEntry("mini_lists", Area.ATTEND, _("Mini-lists"), "minilist_list", 60, is_office))
home_pages.register(HomePage("my_day", "my_day", is_salesperson, 10))
responsibilities.register(Responsibility("mini_list", _("customers on the mini-list"), minilist_count, _hand_over))
amounts.register(AmountsKept("orders", Order.objects.exists))
result_measures.register(ResultMeasure("sales", _("Sales credited to you"), Counted.MONEY, sales_credited, 10))
result_measures.register(ResultMeasure("orders", _("Orders of your customers"), Counted.EVENTS, sales_credited, 20))
result_measures.register(
    ResultMeasure("contacted", _("Customers you contacted"), Counted.PEOPLE, customers_contacted, 30)
)
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
