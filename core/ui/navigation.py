"""What stands in the side bar. Apps register entries from `AppConfig.ready`; the base layout reads them per person."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.registry import Registry


class Area(Enum):
    """The rooms of the product as the director thinks of them, then the salesperson's own; (key, title, icon)."""

    OVERVIEW = ("overview", _("Overview"), "layout-dashboard")
    STRATEGY = ("strategy", _("Strategy"), "compass")
    GENERATE = ("generate", _("Generate demand"), "magnet")
    ATTEND = ("attend", _("Attend demand"), "headset")
    RELATIONSHIP = ("relationship", _("Relationship"), "heart-handshake")
    EMAIL = ("email", _("E-mail"), "mail")
    DATA = ("data", _("Data"), "database")
    MY_DAY = ("my_day", _("My day"), "sun")
    MY_CUSTOMERS = ("my_customers", _("My customers"), "users")
    WRITE = ("write", _("Write"), "pencil")
    MY_RESULTS = ("my_results", _("My results"), "trending-up")
    SETTINGS = ("settings", _("Settings"), "settings")

    @property
    def key(self) -> str:
        return str(self.value[0])

    @property
    def title(self) -> str | Promise:
        return self.value[1]

    @property
    def icon(self) -> str:
        return str(self.value[2])


@dataclass(frozen=True)
class NavigationEntry:
    """One link: its area, URL name, title, place among its neighbours, and who sees it (a predicate on the user)."""

    code: str
    area: Area
    title: str | Promise
    url_name: str
    order: int
    visible_to: Callable[[Any], bool]

    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class NavigationArea:
    area: Area
    entries: tuple[NavigationEntry, ...]
    active: bool

    @property
    def url(self) -> str:
        return self.entries[0].url()


navigation: Registry[NavigationEntry] = Registry("navigation entry")


def navigation_for(request: HttpRequest) -> list[NavigationArea]:
    """The areas with at least one entry this person may open, in the order of `Area`."""
    if not request.user.is_authenticated:
        return []
    match = request.resolver_match
    current = match.view_name if match else ""
    areas = []
    for area in Area:
        entries = tuple(
            sorted(
                (entry for entry in navigation if entry.area is area and entry.visible_to(request.user)),
                key=lambda entry: entry.order,
            )
        )
        if entries:
            active = any(current == entry.url_name for entry in entries)
            areas.append(NavigationArea(area=area, entries=entries, active=active))
    return areas
