"""What ends with a person's access besides signing in. Features above people register theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.people.models import User
from core.registry import Registry


@dataclass(frozen=True)
class AccessEnd:
    """`end(user)` is called in the transaction that ends the access, once the user may no longer sign in."""

    code: str
    end: Callable[[User], object]


access_ends: Registry[AccessEnd] = Registry("end of access")
