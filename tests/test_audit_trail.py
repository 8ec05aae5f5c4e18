"""The audit trail in words: whatever the services record has a title and labels, in both languages."""

import ast
from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

import pytest
from django.utils import translation

from accounts.audit.subjects import audit_subjects, field_label
from accounts.audit.titles import action_titles
from tests.architecture.floors import sources


class Recording(NamedTuple):
    """One call of `audit_record`: where it stands, the codes its action may have, the names of fields it writes out."""

    module: str
    actions: set[str]
    fields: set[str]


def recordings() -> Iterator[Recording]:
    for module, path in sources().items():
        if "accounts.audit.services" in (source := path.read_text(encoding="utf-8")):
            tree = ast.parse(source)
            for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
                yield from _recorded(module, tree, function)


def _recorded(module: str, tree: ast.Module, function: ast.FunctionDef) -> Iterator[Recording]:
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        if _name(call.func) == "audit_record":
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            yield Recording(module, _codes(module, given["action"], tree, function), _fields(module, function))
        elif _name(call.func) == "audit_each":
            yield Recording(module, _texts(call.args[1]), set())


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _codes(module: str, action: ast.expr, tree: ast.Module, function: ast.FunctionDef) -> set[str]:
    """A code that is written out, one of two, what the callers of the function pass as its parameter, or (as
    `transition.action`) the action of any of the module's `TRANSITIONS`."""
    if isinstance(action, ast.Attribute):
        return {one.action for one in import_module(module).TRANSITIONS}
    if isinstance(action, ast.Name):
        parameters = [argument.arg for argument in function.args.args]
        if action.id not in parameters:
            return set()
        place = parameters.index(action.id)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name(node.func) == function.name]
        return {code for call in calls for code in _texts(call.args[place])}
    return _texts(action)


def _texts(node: ast.AST) -> set[str]:
    """Texts that are written out, but for what a condition compares."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return {item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)}


def _fields(module: str, function: ast.FunctionDef) -> set[str]:
    """The names of fields in `changes`: keys of a dictionary, or a list that `changed_fields` compares."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name("changed_fields"), args=[_, _, ast.Name(constant)]):
                found |= set(getattr(import_module(module), constant, ()))
            case ast.Call(func=ast.Name("changed_fields"), args=[_, _, names]):
                found |= _texts(names)
            case ast.keyword(arg="changes", value=ast.Dict() as written):
                found |= _keys(written)
            case ast.Assign(targets=[ast.Name("changes")]) | ast.AnnAssign(target=ast.Name("changes")):
                found |= _keys(node.value)
            case ast.Assign(targets=[ast.Subscript(ast.Name("changes"), ast.Constant(name))]):
                found.add(str(name))
    return found


def _keys(written: ast.expr | None) -> set[str]:
    keys = written.keys if isinstance(written, ast.Dict) else []
    return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_recorded_action_has_a_title(language: str) -> None:
    codes = {code for recording in recordings() for code in recording.actions}
    assert len(codes) > 90
    with translation.override(language):
        assert sorted(code for code in codes if not str(action_titles.get(code, ""))) == []


def test_no_title_is_left_over() -> None:
    codes = {code for recording in recordings() for code in recording.actions}
    assert sorted(action_titles.keys() - codes) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_recorded_field_has_a_label(language: str) -> None:
    """Under the things of its own app; that it is under the right one, every test that records it sees
    (`tests.fixtures.audit`)."""
    recorded = [(recording.module, name) for recording in recordings() for name in recording.fields]
    assert len(recorded) > 90
    with translation.override(language):
        missing = [
            (module, name) for module, name in recorded if not any(field_label(code, name) for code in audit_subjects)
        ]
    assert missing == []


def test_what_is_recorded_is_found() -> None:
    source = """
def thing_archive(thing, archived):
    audit_record(action="thing_archive" if archived else "thing_restore", subject=thing, changes={"a": (1, 2)})

def thing_pause(thing):
    _change(thing, "thing_pause")

def _change(thing, action):
    changes = {"state": (1, 2)}
    changes["reason"] = (None, "")
    audit_record(action=action, subject=thing, changes=changes)
"""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = [recording for function in functions for recording in _recorded("here", tree, function)]
    assert [(recording.actions, recording.fields) for recording in found] == [
        ({"thing_archive", "thing_restore"}, {"a"}),
        ({"thing_pause"}, {"state", "reason"}),
    ]
