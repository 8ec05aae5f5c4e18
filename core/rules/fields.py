"""The registry of what rules can ask about. Each app registers its own fields from `AppConfig.ready`.

A lower app never learns who else registered: campaigns offers "clicked in the last 30 days" without marketing
knowing campaigns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

from core.registry import Registry
from core.rules.operators import OPERATORS, Kind, Operator
from core.rules.sources import Source


@dataclass(frozen=True)
class Choice:
    """A value one can choose: its stable code and how it is shown."""

    code: str
    label: str | Promise


@dataclass(frozen=True)
class Phrase:
    """How a condition is said after its subject ("customers …").

    `text` takes %(value)s, %(window)s and %(times)s; `is_clause` says that it follows "who" ("bought twice") rather
    than standing by itself ("in Lima"). `is_subject` replaces the word "contacts" when the condition holds for all.
    """

    text: str | Promise
    is_clause: bool = False
    is_subject: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that can be asked about a person.

    `label` reads as a noun in lower case ("last purchase"). `choices(codes, query)` lists values one can choose: those
    with these codes (to show them), or those that match what is typed, the first 50. `is_windowed` fields count
    events in a window of time. `source` is None for segments only, which the compiler writes out in place.
    `nullable` false removes "is known". `phrases` overrides the words per operator code.
    `least` and `most` bound a number. `is_retired` keeps old rules readable but refuses new ones.
    """

    code: str
    label: str | Promise
    group: str | Promise
    kind: Kind
    source: Source | None = None
    choices: Callable[[Sequence[str] | None, str], Sequence[Choice]] | None = None
    suggestions: Callable[[str], Sequence[str]] | None = None
    phrases: Mapping[str, Phrase] = field(default_factory=dict, hash=False)
    is_windowed: bool = False
    nullable: bool = True
    least: int | None = None
    most: int | None = None
    is_retired: bool = False

    @property
    def operators(self) -> tuple[Operator, ...]:
        return tuple(
            operator
            for operator in OPERATORS[self.kind]
            if self.nullable or operator.code not in {"is_set", "is_not_set"}
        )

    def operator(self, code: str) -> Operator | None:
        return next((operator for operator in self.operators if operator.code == code), None)


fields: Registry[Field] = Registry("rule field")
