"""What follows from a change of the company's settings.

Apps above say so from their `registrations.py`:

    company_listeners.register(CompanyListener(code="phones", changed=phones_follow_company))
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.company.models import Company
from core.registry import Registry


@dataclass(frozen=True)
class CompanyListener:
    """`changed(before, after)` is called in the transaction that changes the company."""

    code: str
    changed: Callable[[Company, Company], None]


company_listeners: Registry[CompanyListener] = Registry("company listener")
