"""Where a person lands: the first page, in order, that some app offers to them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.registry import Registry


@dataclass(frozen=True)
class HomePage:
    """A landing page: its URL name and whose it is. Lower `order` wins."""

    code: str
    url_name: str
    visible_to: Callable[[Any], bool]
    order: int = 100


home_pages: Registry[HomePage] = Registry("home page")


def home_url(user: Any) -> str | None:
    """The address of the person's own first page; None while no app offers them one."""
    for page in sorted(home_pages, key=lambda page: page.order):
        if page.visible_to(user):
            return reverse(page.url_name)
    return None
