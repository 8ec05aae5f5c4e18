"""The headline of the value proposition that is active for a segment. The feature that keeps propositions registers
where it stands, so that segments do not know it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.registry import Registry


@dataclass(frozen=True)
class HeadlineSource:
    """`active(keys)`: the headline of each of these segments that has an active value proposition, in one query."""

    code: str
    active: Callable[[Collection[int]], dict[int, str]]


headline_sources: Registry[HeadlineSource] = Registry("headline source")


def active_headlines(keys: Collection[int]) -> dict[int, str]:
    """The headline by segment, for those that have one."""
    found: dict[int, str] = {}
    for source in headline_sources:
        found |= source.active(keys)
    return found
