"""Who orders sends: campaigns, letters and what else writes to contacts. Each registers here what only it knows.

Delivery asks the author of a send's kind and imports none of them. The row that ordered a send points to it one-to-one,
under the name of the kind: `send.campaign`, `send.letter`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, QuerySet

from accounts.people.models import User
from core.registry import Registry
from crm.contacts.models import Contact
from delivery.sends.models import Send, Variant


@dataclass(frozen=True)
class Problem:
    """Something that keeps a send from leaving: a stable code, the sentence, and the step where it is settled."""

    code: str
    message: str
    step: str


def _no_name(send: Send) -> str:
    return ""


def _nothing_to_do(send: Send, variants: Sequence[Variant]) -> None:
    return None


def _no_days(send: Send) -> Collection[int]:
    return ()


@dataclass(frozen=True)
class SendAuthor:
    """What one kind of send knows of its own.

    `audience`: the contacts it is meant for, now. `launch_checks`: what keeps it from leaving, beside what is checked
    of every send; asked at launch and again as it starts. `steps` are the steps of its pages in their order: problems
    are listed in it. `before_launch` runs in the transaction of the launch.
    `title` names it for the office, "" while its row is missing; `name` is what recipients' timelines and links call
    it, "" when it has no name of its own and its subject stands for it. `url` is its page for a person, "" where they
    may not open it; `results_url` where its results are shown, for the office. `related` is what these need loaded, as
    seen from the send.
    `order_days`: after how many days recipients' orders are still asked for when the ledger was purged.
    `choices`: (public id, name) of those to filter a list by, where a condition on their `send_id` holds; None: no
    filter.
    `returns_refused`: a send that is refused as it starts goes back to draft, instead of being held for a decision.
    """

    kind: str
    audience: Callable[[Send], "QuerySet[Contact]"]
    steps: tuple[str, ...]
    launch_checks: Callable[[Send, list[Variant]], Iterable[Problem]]
    title: Callable[[Send], str]
    url: Callable[[Send, User], str]
    results_url: Callable[[Send], str]
    related: tuple[str, ...]
    name: Callable[[Send], str] = _no_name
    before_launch: Callable[[Send, list[Variant]], None] = _nothing_to_do
    order_days: Callable[[Send], Collection[int]] = _no_days
    choices: Callable[[Exists], list[tuple[str, str]]] | None = None
    returns_refused: bool = False

    @property
    def code(self) -> str:
        return self.kind


send_authors: Registry[SendAuthor] = Registry("send author")


def author_of(send: Send) -> SendAuthor:
    """The author of a send's kind. Raises KeyError when none is registered."""
    return send_authors[send.kind]


def author_row(send: Send) -> Any:
    """The row that ordered a send; None when it is gone, or was never there."""
    return getattr(send, send.kind, None)


def authors_related(prefix: str = "") -> list[str]:
    """What `select_related` needs so that authors can name sends without a query for each; `prefix`: `send__`."""
    return [f"{prefix}{path}" for author in send_authors for path in author.related]


def audience_of(send: Send) -> "QuerySet[Contact]":
    """The contacts a send is meant for, now."""
    return author_of(send).audience(send)


def send_name(send: Send) -> str:
    """What it is called to its recipients; "" when its subject stands for it."""
    return author_of(send).name(send)


def send_title(send: Send) -> str:
    """What it is called in the office."""
    return author_of(send).title(send) or str(send)
