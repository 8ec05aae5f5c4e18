"""What needs a decision today: apps register sources, the Overview shows the five most urgent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.utils.functional import Promise

from core.registry import Registry

MAX_ALERTS = 5


class Urgency(IntEnum):
    """Lower comes first."""

    BROKEN = 1
    OVERDUE = 2
    WORTH_A_LOOK = 3


@dataclass(frozen=True)
class Alert:
    """One thing to decide: what is the matter, why it matters, and the action that settles it; `others` are further
    ways to settle it, as (label, address)."""

    title: str | Promise
    text: str | Promise
    action_label: str | Promise
    action_url: str
    urgency: Urgency
    icon: str = "alert-triangle"
    others: tuple[tuple[str | Promise, str], ...] = ()

    @property
    def tone(self) -> str:
        return {Urgency.BROKEN: "bad", Urgency.OVERDUE: "warn"}.get(self.urgency, "")


@dataclass(frozen=True)
class AlertSource:
    """`find(user)` yields what that person may act on; it must be quick (it runs with the page)."""

    code: str
    find: Callable[[Any], Iterable[Alert]]


alert_sources: Registry[AlertSource] = Registry("alert source")


def alerts_for(user: Any) -> list[Alert]:
    """At most five, the most urgent first."""
    found = [alert for source in alert_sources for alert in source.find(user)]
    return sorted(found, key=lambda alert: alert.urgency)[:MAX_ALERTS]
