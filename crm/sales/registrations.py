"""Orders in the navigation, the search, the timeline and the audit trail; their import; the currency lock."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from accounts.company.currency_lock import CurrencyLock, currency_locks
from core.ui.navigation import NavigationEntry, navigation
from core.ui.search import SearchProvider, search_providers
from crm.contacts.registries import TimelineSource, timeline_sources
from crm.imports.kinds import import_kinds
from crm.sales.models import Order
from crm.sales.order_import import ORDER_IMPORT
from crm.sales.search import search_orders
from crm.sales.timeline import order_events

import_kinds.register(ORDER_IMPORT)
currency_locks.register(CurrencyLock("orders", Order.objects.exists))
navigation.register(NavigationEntry("orders", "data", _("Orders"), "order_list", 20, is_office))
search_providers.register(SearchProvider("orders", _("Orders"), search_orders, "shopping-cart", 40))
timeline_sources.register(TimelineSource("orders", _("Orders"), "shopping-cart", order_events))
action_titles.update({"order_record": _("Order recorded")})
audit_subject("crm.order", _("Order"))
