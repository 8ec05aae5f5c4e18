"""What a restored backup must not go on with by itself: apps register holds, the restore calls them.

What was waiting in a backup may have been done since it was taken. A hold runs in the transaction that loads the data,
before any worker can see it, and on the tables of the version that made the backup: it only updates rows, by columns
that every version has.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.registry import Registry


@dataclass(frozen=True)
class RestoreHold:
    """`hold(taken_at)` keeps what was under way in a backup of that moment from going on, and says in sentences what it
    held."""

    code: str
    hold: Callable[[datetime], Iterable[str]]


restore_holds: Registry[RestoreHold] = Registry("restore hold")
