"""What the search palette finds: apps register providers, each searching its own things for one person."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True)
class SearchResult:
    """One hit: what it is called, where it opens, a word or two about it."""

    title: str
    url: str
    note: str = ""
    icon: str = ""


Search: TypeAlias = Callable[[Any, str, int], Iterable[SearchResult]]


@dataclass(frozen=True)
class SearchProvider:
    """A kind of thing: `search(user, text, limit)` yields what that person may open, best first, `limit` at most."""

    code: str
    title: str | Promise
    search: Search
    icon: str = "file"
    order: int = 100


search_providers: Registry[SearchProvider] = Registry("search provider")


@dataclass(frozen=True)
class SearchResultGroup:
    title: str | Promise
    icon: str
    found: tuple[SearchResult, ...]


def search_everything(user: Any, text: str, limit: int = 6) -> list[SearchResultGroup]:
    """Hits by kind, kinds in their order; nothing for fewer than two letters."""
    if len(text) < 2:
        return []
    groups = []
    for provider in sorted(search_providers, key=lambda provider: provider.order):
        found = tuple(provider.search(user, text, limit))[:limit]
        if found:
            groups.append(SearchResultGroup(provider.title, provider.icon, found))
    return groups
