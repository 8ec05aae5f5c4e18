"""What the documentation names is there: tests, files, and the folders of the tree."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
TEST = re.compile(
    r"`(?:(?P<file>[\w/]*test_\w+\.py)(?:::(?P<name>test_\w+)(?P<cut>…)?)?|(?P<bare>test_\w+)(?P<bare_cut>…)?)`"
)
PATH = re.compile(
    r"`((?:core|accounts|crm|marketing|delivery|campaigns|analytics|config|tools|bench|tests|docs|bin)/[\w/.-]+)`"
)


@cache
def known_tests() -> dict[str, set[str]]:
    """Names of the test functions by the path of their file."""
    found = {}
    for path in ROOT.rglob("test_*.py"):
        if not {".venv", "node_modules", "var"} & set(path.parts):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
            found[str(path.relative_to(ROOT))] = names
    return found


def missing_tests(text: str) -> list[str]:
    """What `text` names as a test and no file holds; a name that ends in … names a beginning."""
    missing = []
    everything = known_tests()
    for match in TEST.finditer(text):
        files = [
            names
            for path, names in everything.items()
            if not match["file"] or path == match["file"] or path.endswith(f"/{match['file']}")
        ]
        name, cut = match["name"] or match["bare"] or "", match["cut"] or match["bare_cut"]
        known = [one for names in files for one in names if one == name or (cut and one.startswith(name))]
        if not files or (name and not known):
            missing.append(match[0])
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_is_named_exists(page: Path) -> None:
    assert missing_tests(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = set(PATH.findall(page.read_text(encoding="utf-8")))
    assert sorted(name for name in named if not any((ROOT / f"{name}{end}").exists() for end in ("", ".py"))) == []


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    assert missing_tests("`test_docs.py::test_nothing_of_the_kind`") == ["`test_docs.py::test_nothing_of_the_kind`"]
    assert missing_tests("`test_docs.py::test_a_test_that_is_not…` `tests/test_docs.py`") == []
