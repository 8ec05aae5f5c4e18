"""No module imports itself over a detour, function-local imports included; what only a type checker reads is apart."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.floors import sources


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node outside `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            for other in child.orelse:
                yield other
                yield from _nodes(other)
        else:
            yield child
            yield from _nodes(child)


def imports_of(source: str, modules: set[str]) -> set[str]:
    """The modules among `modules` that `source` imports, wherever the import stands."""
    found: set[str] = set()
    for node in _nodes(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & modules
            if whole - modules:
                found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            found |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return found & modules


def test_no_module_imports_itself_over_others() -> None:
    modules = sources()
    names = set(modules)
    assert len(names) > 300
    graph = {name: imports_of(path.read_text(encoding="utf-8"), names) - {name} for name, path in modules.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"modules import each other: {' <- '.join(error.args[1])}")


def test_imports_are_found_wherever_they_stand() -> None:
    modules = {"crm.a", "crm.b"}
    assert imports_of("def f():\n    from crm.b import g\n", modules) == {"crm.b"}
    assert imports_of("from crm import b\n", modules) == {"crm.b"}
    assert imports_of("import crm.b\n", modules) == {"crm.b"}
    assert imports_of("import_module('crm.b')\n", modules) == {"crm.b"}
    assert imports_of("if TYPE_CHECKING:\n    from crm.b import g\n", modules) == set()
    assert imports_of("if TYPE_CHECKING:\n    pass\nelse:\n    from crm.b import g\n", modules) == {"crm.b"}
