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
    """The rooms of the product as the director thinks of them, then the salesperson's own: key, title, icon, and the
    letter after `g` that goes there."""

    OVERVIEW = ("overview", _("Overview"), "layout-dashboard", "o")
    STRATEGY = ("strategy", _("Strategy"), "compass", "s")
    GENERATE = ("generate", _("Generate demand"), "magnet", "g")
    ATTEND = ("attend", _("Attend demand"), "headset", "a")
    RELATIONSHIP = ("relationship", _("Relationship"), "heart-handshake", "r")
    EMAIL = ("email", _("E-mail"), "mail", "e")
    DATA = ("data", _("Data"), "database", "d")
    MY_DAY = ("my_day", _("My day"), "sun", "d")
    MY_CUSTOMERS = ("my_customers", _("My customers"), "users", "c")
    WRITE = ("write", _("Write"), "pencil", "w")
    MY_RESULTS = ("my_results", _("My results"), "trending-up", "r")
    SETTINGS = ("settings", _("Settings"), "settings", ",")

    @property
    def key(self) -> str:
        return str(self.value[0])

    @property
    def title(self) -> str | Promise:
        return self.value[1]

    @property
    def icon(self) -> str:
        return str(self.value[2])

    @property
    def letter(self) -> str:
        return str(self.value[3])


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
    current: str = ""

    @property
    def url(self) -> str:
        return self.entries[0].url()


navigation: Registry[NavigationEntry] = Registry("navigation entry")


def navigation_for(request: HttpRequest) -> list[NavigationArea]:
    """The areas with at least one entry this person may open, in the order of `Area`; the entry whose address the page
    stands under is current (`/contacts/abc/` stands under `/contacts/`)."""
    if not request.user.is_authenticated:
        return []
    entries = sorted((entry for entry in navigation if entry.visible_to(request.user)), key=lambda entry: entry.order)
    current = _current(request, entries)
    areas = []
    for area in Area:
        mine = tuple(entry for entry in entries if entry.area is area)
        if mine:
            active = current is not None and current.area is area
            areas.append(NavigationArea(area, mine, active, current.code if active and current else ""))
    return areas


def _current(request: HttpRequest, entries: list[NavigationEntry]) -> NavigationEntry | None:
    """The entry with the longest address that begins the page's own."""
    best, length = None, 1
    for entry in entries:
        url = entry.url()
        if request.path.startswith(url) and len(url) > length:
            best, length = entry, len(url)
    return best
