"""Whether amounts of money are already kept; then the company's currency no longer changes.

Apps above say so from their `registrations.py`:

    amounts.register(AmountsKept(code="orders", exist=Order.objects.exists))
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.registry import Registry


@dataclass(frozen=True)
class AmountsKept:
    code: str
    exist: Callable[[], bool]


amounts: Registry[AmountsKept] = Registry("kind of amounts")


def amounts_exist() -> bool:
    """True once one order, one spend or the like has been recorded in the company's currency."""
    return any(kept.exist() for kept in amounts)
