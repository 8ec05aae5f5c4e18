"""The rule builder: what a person is typing, as a form, and the tree it means.

Each place in the tree has a name: `n` is the root, `n_0` its first member, `n_0_2` the third member of that. A group
posts `n_0.group`; a condition posts `n_0.field`, `.operator`, `.value` (several for choices), `.value2`, and for
fields with a period `.window` (any, days, dates), `.days`, `.since`, `.until`. A draft is the JSON of `core.rules.tree`
with what is typed in it, finished or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.parsing import whole_number
from core.rules.fields import Choice, Field, fields
from core.rules.operators import Kind, Operator, Shape
from core.rules.tree import MAX_DEPTH, VERSION, Path, Problem

ROOT = "n"
MAX_LISTED_CHOICES = 12
DEFAULTS: dict[Shape, Any] = {Shape.SPAN: 30}


def draft_of_post(data: QueryDict) -> dict[str, Any]:
    """The draft that a posted form means."""
    names = {key.rsplit(".", 1)[0] for key in data if key.startswith(ROOT) and "." in key}
    return {"version": VERSION, **_node(data, ROOT, names)}


def draft_change(draft: dict[str, Any], action: str) -> dict[str, Any]:
    """The draft after `add:n_0:city`, `add_group:n`, `remove:n_0_1`, or unchanged for anything else."""
    verb, _colon, rest = action.partition(":")
    name, _colon, code = rest.partition(":")
    if verb == "remove":
        path = _path(name)
        if path and (parent := _find(draft, path[:-1])) and path[-1] < len(parent.get("of", [])):
            del parent["of"][path[-1]]
    elif verb in {"add", "add_group"} and (group := _find(draft, _path(name))) is not None and "of" in group:
        if verb == "add" and (chosen := fields.get(code)):
            group["of"].append(new_condition(chosen))
        elif verb == "add_group" and len(_path(name)) + 1 < MAX_DEPTH:
            group["of"].append({"group": "any", "of": []})
    return draft


def new_condition(chosen: Field) -> dict[str, Any]:
    operator = chosen.operators[0]
    made: dict[str, Any] = {"field": chosen.code, "operator": operator.code}
    if operator.shape in DEFAULTS:
        made["value"] = DEFAULTS[operator.shape]
    return made


@dataclass
class NodeView:
    """One place of the tree as the page shows it. Groups have `mode` and `members`; conditions the rest."""

    name: str
    depth: int
    message: str = ""
    mode: str = ""
    members: "list[NodeView]" = attribute(default_factory=list)
    field: Field | None = None
    code: str = ""
    operator: Operator | None = None
    value: Any = ""
    value2: Any = ""
    window: dict[str, Any] = attribute(default_factory=dict)
    choices: Sequence[Choice] = ()
    chosen: Sequence[str] = ()
    suggestions: Sequence[str] = ()

    @property
    def may_nest(self) -> bool:
        return self.depth + 1 < MAX_DEPTH

    @property
    def shape(self) -> str:
        return self.operator.shape.value if self.operator else ""

    @property
    def label(self) -> str:
        return capfirst(str(self.field.label)) if self.field else self.code

    @property
    def is_money(self) -> bool:
        return self.field is not None and self.field.kind in {Kind.MONEY, Kind.SUM}

    @property
    def step(self) -> str:
        whole = self.field is not None and self.field.kind in {Kind.COUNT, Kind.SCORE}
        return "1" if whole else "any"

    @property
    def window_mode(self) -> str:
        return "days" if "days" in self.window else "dates" if self.window else "any"

    @property
    def takes_list(self) -> bool:
        """So many values to choose from that they are typed and suggested."""
        return self.shape == "codes" and len(self.choices) > MAX_LISTED_CHOICES


@dataclass(frozen=True)
class FieldGroup:
    title: str | Promise
    fields: list[Field]


def field_groups() -> list[FieldGroup]:
    """The fields one can ask about, by group, in the order the apps registered them."""
    groups: dict[str, FieldGroup] = {}
    for it in fields:
        if not it.is_retired:
            groups.setdefault(str(it.group), FieldGroup(it.group, [])).fields.append(it)
    return list(groups.values())


def draft_view(draft: dict[str, Any], problems: Sequence[Problem] = ()) -> NodeView:
    """What the page shows of a draft, each problem at its place."""
    messages = {problem.path: problem.message for problem in problems}
    return _view(draft or {"group": "all", "of": []}, (), messages)


def _name(path: Path) -> str:
    return "_".join([ROOT, *map(str, path)])


def _path(name: str) -> Path:
    parts = name.split("_")[1:]
    path = tuple(number for part in parts if (number := whole_number(part)) is not None)
    return path if len(path) == len(parts) else ()


def _find(draft: dict[str, Any], path: Path) -> dict[str, Any] | None:
    node = draft
    for index in path:
        members = node.get("of", [])
        if index >= len(members):
            return None
        node = members[index]
    return node


def _node(data: QueryDict, name: str, names: set[str]) -> dict[str, Any]:
    if f"{name}.field" in data:
        return _condition(data, name)
    prefix = f"{name}_"
    below = {it.removeprefix(prefix).split("_")[0] for it in names if it.startswith(prefix)}
    order = sorted(number for it in below if (number := whole_number(it)) is not None)
    members = [_node(data, f"{prefix}{index}", names) for index in order]
    return {"group": data.get(f"{name}.group", "all"), "of": members}


def _condition(data: QueryDict, name: str) -> dict[str, Any]:
    chosen = fields.get(data.get(f"{name}.field", ""))
    code = data.get(f"{name}.operator", "")
    if chosen is None:
        return {"field": data.get(f"{name}.field", ""), "operator": code}
    operator = chosen.operator(code)
    if operator is None:
        return new_condition(chosen)
    made: dict[str, Any] = {"field": chosen.code, "operator": operator.code}
    if operator.shape is not Shape.NOTHING:
        made["value"] = _value(data, name, operator.shape)
    if chosen.is_windowed and (window := _window(data, name)):
        made["window"] = window
    return made


def _value(data: QueryDict, name: str, shape: Shape) -> Any:
    first, second = data.get(f"{name}.value", ""), data.get(f"{name}.value2", "")
    if shape in {Shape.NUMBERS, Shape.DAYS}:
        return [first, second]
    if shape is Shape.CODES or shape is Shape.TEXTS:
        typed = [part.strip() for part in data.get(f"{name}.typed", "").split(",") if part.strip()]
        return list(dict.fromkeys([*[it for it in data.getlist(f"{name}.value") if it], *typed]))
    return first


def _window(data: QueryDict, name: str) -> dict[str, Any]:
    mode = data.get(f"{name}.window", "any")
    if mode == "days":
        return {"days": data.get(f"{name}.days") or 30}
    if mode == "dates":
        days = {part: data.get(f"{name}.{part}", "") for part in ("since", "until")}
        return {part: day for part, day in days.items() if day} or {"since": ""}
    return {}


def _view(node: dict[str, Any], path: Path, messages: dict[Path, str]) -> NodeView:
    view = NodeView(name=_name(path), depth=len(path), message=messages.get(path, ""))
    if "group" in node:
        view.mode = node["group"]
        view.members = [_view(member, (*path, index), messages) for index, member in enumerate(node.get("of", []))]
        return view
    view.code = str(node.get("field", ""))
    view.field = fields.get(view.code)
    if view.field is None:
        view.message = view.message or _(
            "This field is no longer available. Remove the condition or choose another field."
        )
        return view
    view.operator = view.field.operator(str(node.get("operator", ""))) or view.field.operators[0]
    view.window = node.get("window") or {}
    value = node.get("value", "")
    if view.operator.shape in {Shape.NUMBERS, Shape.DAYS} and isinstance(value, list) and len(value) == 2:
        view.value, view.value2 = value
    elif view.operator.shape in {Shape.CODES, Shape.TEXTS}:
        view.chosen = value if isinstance(value, list) else []
        view.value = ", ".join(view.chosen)
        view.choices = _choices(view.field, view.chosen)
    else:
        view.value = value
    if view.field.suggestions is not None:
        view.suggestions = view.field.suggestions("")
    return view


def _choices(chosen: Field, codes: Sequence[str]) -> Sequence[Choice]:
    """What is offered, and what is chosen already though it is not among the first."""
    if chosen.choices is None:
        return ()
    offered = list(chosen.choices(None, ""))
    missing = [code for code in codes if code not in {it.code for it in offered}]
    return [*(chosen.choices(missing, "") if missing else ()), *offered]
