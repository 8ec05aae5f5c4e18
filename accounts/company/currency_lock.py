"""Whether amounts of money are already kept; then the company's currency no longer changes.

Apps above say so from their `registrations.py`:

    amounts.register(AmountsKept(code="orders", exist=Order.objects.exists))
"""

from collections.abc import Callable
from dataclasses import dataclass

from core.registry import Registry


@dataclass(frozen=True)
class CurrencyLock:
    code: str
    exist: Callable[[], bool]


currency_locks: Registry[CurrencyLock] = Registry("kind of amounts")


def currency_is_locked() -> bool:
    """True once one order, one spend or the like has been recorded in the company's currency."""
    return any(kept.exist() for kept in currency_locks)
