"""What the dashboards offer to the rest: navigation, the first page of the office, alerts."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_office, is_salesperson
from analytics.dashboards.alerts import number_alerts
from core.ui.alerts import AlertSource, alert_sources
from core.ui.home import HomePage, home_pages
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("overview", "overview", _("Overview"), "overview", 10, is_office))
navigation.register(NavigationEntry("channels", "generate", _("Channels"), "channel_overview", 10, is_office))
navigation.register(NavigationEntry("funnel", "attend", _("Funnel"), "funnel", 10, is_office))
navigation.register(NavigationEntry("nps", "relationship", _("NPS"), "nps_overview", 30, is_office))
navigation.register(NavigationEntry("my_results", "my_results", _("My results"), "my_results", 10, is_salesperson))
home_pages.register(HomePage("overview", "overview", is_office, 10))
alert_sources.register(AlertSource("numbers", number_alerts))
