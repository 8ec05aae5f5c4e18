"""What a person looks after and must be handed over before they leave. Apps above register theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.people.models import User
from core.registry import Registry


@dataclass(frozen=True)
class Responsibility:
    """`count` says how many things the person holds; `hand_over(holder, heir, actor)` moves them (to nobody when
    `heir` is None) and returns how many moved."""

    code: str
    title: str | Promise
    count: Callable[[User], int]
    hand_over: Callable[[User, User | None, User], int]


responsibilities: Registry[Responsibility] = Registry("responsibility")


def assigned_counts(user: User) -> list[tuple[Responsibility, int]]:
    """What the person holds now, without what they hold none of."""
    counted = ((duty, duty.count(user)) for duty in responsibilities)
    return [(duty, count) for duty, count in counted if count]
