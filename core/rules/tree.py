"""What a rule is: groups (`all`, `any`, `none`) of conditions and groups, read from JSON and written back.

{"version": 1, "group": "all", "of": [
    {"field": "city", "operator": "is", "value": "Lima"},
    {"field": "orders_placed", "operator": "at_least", "value": "2", "window": {"since": "2026-03-01"}},
    {"group": "none", "of": [{"field": "segment", "operator": "in_any_of", "value": ["k3…"]}]}]}
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.registry import Registry
from core.rules.fields import Field
from core.rules.fields import fields as all_fields
from core.rules.operators import Kind, Operator, Shape
from core.rules.values import InvalidValue, Value, Window, read_value, read_window, write_value, write_window

VERSION = 1
MAX_DEPTH = 5
MAX_CONDITIONS = 60
GROUPS = ("all", "any", "none")
Path: TypeAlias = tuple[int, ...]
ANY_TIME = Window()


@dataclass(frozen=True)
class Condition:
    field: Field
    operator: Operator
    value: Value
    window: Window = ANY_TIME


@dataclass(frozen=True)
class Group:
    """`mode` is all, any or none. A root without members means everybody."""

    mode: str
    of: "tuple[Node, ...]" = ()


Node: TypeAlias = Condition | Group


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place: `path` counts members from the root ((1, 0): the first of the second)."""

    path: Path
    message: str

    @property
    def place(self) -> str:
        return ".".join(str(index + 1) for index in self.path) or "0"


class InvalidRules(DomainError):
    """The tree cannot be used; `problems` names every place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        first = problems[0]
        text = (
            _("Condition %(place)s: %(message)s") % {"place": first.place, "message": first.message}
            if first.path
            else first.message
        )
        super().__init__(text, code="rules_invalid")


def read_rules(data: Any, *, registry: Registry[Field] = all_fields, allow_retired: bool = True) -> Group:
    """The tree of a JSON object. Raises InvalidRules with every problem found."""
    reader = _Reader(registry, allow_retired=allow_retired)
    root = reader.root(data)
    if reader.problems:
        raise InvalidRules(reader.problems)
    return root


def write_rules(root: Group) -> dict[str, Any]:
    """The JSON object of a tree; `read_rules` gives the same tree back."""
    return {"version": VERSION, **_write(root)}


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition of a tree, from the first to the last."""
    if isinstance(node, Condition):
        yield node
        return
    for member in node.of:
        yield from conditions(member)


def included_codes(root: Group) -> tuple[str, ...]:
    """The named rules (segments) a tree includes or excludes, each once."""
    codes: dict[str, None] = {}
    for condition in conditions(root):
        if condition.field.kind is Kind.SEGMENT and isinstance(condition.value, tuple):
            codes.update((str(code), None) for code in condition.value)
    return tuple(codes)


def _write(node: Node) -> dict[str, Any]:
    if isinstance(node, Group):
        return {"group": node.mode, "of": [_write(member) for member in node.of]}
    written: dict[str, Any] = {"field": node.field.code, "operator": node.operator.code}
    if node.operator.shape is not Shape.NOTHING:
        written["value"] = write_value(node.value)
    if not node.window.is_open:
        written["window"] = write_window(node.window)
    return written


class _Reader:
    def __init__(self, registry: Registry[Field], *, allow_retired: bool) -> None:
        self.registry = registry
        self.allow_retired = allow_retired
        self.problems: list[Problem] = []
        self.seen = 0

    def root(self, data: Any) -> Group:
        if data in ({}, None):
            return Group("all")
        if not isinstance(data, dict) or data.get("version", VERSION) != VERSION or "group" not in data:
            self._problem((), _("These rules come from another version of Cauce and cannot be read."))
            return Group("all")
        node = self.node(data, ())
        return node if isinstance(node, Group) else Group("all")

    def node(self, data: Any, path: Path) -> Node | None:
        if not isinstance(data, dict):
            return self._problem(path, _("This is neither a condition nor a group."))
        return self.group(data, path) if "group" in data else self.condition(data, path)

    def group(self, data: dict[str, Any], path: Path) -> Node | None:
        members = data.get("of")
        if data["group"] not in GROUPS or not isinstance(members, list):
            return self._problem(path, _("A group needs a mode (all, any or none) and its conditions."))
        if len(path) >= MAX_DEPTH:
            return self._problem(path, _("Groups can be nested %(most)s deep at most.") % {"most": MAX_DEPTH})
        if path and not members:
            return self._problem(path, _("This group is empty: add a condition or remove the group."))
        read = [self.node(member, (*path, index)) for index, member in enumerate(members)]
        return Group(data["group"], tuple(node for node in read if node is not None))

    def condition(self, data: dict[str, Any], path: Path) -> Node | None:
        self.seen += 1
        if self.seen == MAX_CONDITIONS + 1:
            return self._problem((), _("A rule can have %(most)s conditions at most.") % {"most": MAX_CONDITIONS})
        code = data.get("field")
        if not code:
            return self._problem(path, _("Choose a field for this condition."))
        field = self.registry.get(str(code))
        if field is None or (field.is_retired and not self.allow_retired):
            return self._problem(
                path,
                _("The field “%(code)s” is no longer available. Choose another field or remove the condition.")
                % {"code": field.label if field else str(code)[:60]},
            )
        operator = field.operator(str(data.get("operator", "")))
        if operator is None:
            return self._problem(path, _("Choose how “%(field)s” is compared.") % {"field": field.label})
        if unknown := set(data) - {"field", "operator", "value", "window"}:
            return self._problem(path, _("Unknown: %(names)s.") % {"names": ", ".join(sorted(unknown))[:80]})
        try:
            value = read_value(operator.shape, data.get("value"), kind=field.kind, least=field.least, most=field.most)
            window = read_window(data.get("window"))
        except InvalidValue as error:
            return self._problem(path, str(error))
        if not window.is_open and not field.is_windowed:
            return self._problem(path, _("“%(field)s” has no period.") % {"field": field.label})
        return Condition(field, operator, value, window)

    def _problem(self, path: Path, message: str) -> Node | None:
        """Note what is wrong; there is no node then."""
        self.problems.append(Problem(path, str(message)))
        return None
