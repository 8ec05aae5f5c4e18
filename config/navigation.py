"""The areas of the side bar: the product as the director thinks of it, then the salesperson's own, then Settings."""

from django.utils.translation import gettext_lazy as _

from core.ui.navigation import Area, areas

for area in (
    Area("overview", _("Overview"), "layout-dashboard", "o"),
    Area("strategy", _("Strategy"), "compass", "s"),
    Area("generate", _("Generate demand"), "magnet", "g"),
    Area("attend", _("Attend demand"), "headset", "a"),
    Area("relationship", _("Relationship"), "heart-handshake", "r"),
    Area("email", _("E-mail"), "mail", "e"),
    Area("data", _("Data"), "database", "d"),
    Area("my_day", _("My day"), "sun", "d"),
    Area("my_customers", _("My customers"), "users", "c"),
    Area("write", _("Write"), "pencil", "w"),
    Area("my_results", _("My results"), "trending-up", "r"),
    Area("settings", _("Settings"), "settings", ","),
):
    areas.register(area)
