"""What stands in the side bar. Apps register entries from `AppConfig.ready`; the base layout reads them per person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True)
class Area:
    """A part of the product in the side bar: its title, its icon, and the letter after `g` that goes there. The
    composition root registers them (`config/navigation.py`), in their order."""

    code: str
    title: str | Promise
    icon: str
    letter: str


@dataclass(frozen=True)
class NavigationEntry:
    """One link: the code of its area, URL name, title, its place there, and who sees it (a predicate on the user)."""

    code: str
    area: str
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


areas: Registry[Area] = Registry("navigation area")
navigation: Registry[NavigationEntry] = Registry("navigation entry")


def navigation_for(request: HttpRequest) -> list[NavigationArea]:
    """The areas with at least one entry this person may open, in the order of `areas`; the entry whose address the page
    stands under is current (`/contacts/abc/` stands under `/contacts/`)."""
    if not request.user.is_authenticated:
        return []
    entries = sorted((entry for entry in navigation if entry.visible_to(request.user)), key=lambda entry: entry.order)
    current = _current(request, entries)
    shown = []
    for area in areas:
        mine = tuple(entry for entry in entries if entry.area == area.code)
        if mine:
            active = current is not None and current.area == area.code
            shown.append(NavigationArea(area, mine, active, current.code if active and current else ""))
    return shown


def _current(request: HttpRequest, entries: list[NavigationEntry]) -> NavigationEntry | None:
    """The entry with the longest address that begins the page's own."""
    best, length = None, 1
    for entry in entries:
        url = entry.url()
        if request.path.startswith(url) and len(url) > length:
            best, length = entry, len(url)
    return best
