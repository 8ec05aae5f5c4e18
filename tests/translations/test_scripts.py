"""Scripts have no words of their own: they say what the page gives them in spoken attributes or JSON."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.translations.pseudo import TRANSLATED_ATTRIBUTES

SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").rglob("*.js"))
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.S)
LITERAL = re.compile(r"""(["'`])((?:\\.|(?!\1).)*)\1""", re.S)
PROSE = re.compile(r"^[A-Z][a-zé]+[ .,!?…]+[a-zé]+|[a-z]+ [a-z]+ [a-z]+[.!?…]")
SHOWN_ATTRIBUTE = re.compile(r"(?:\bsay\(|textContent = |returnValue = )[^;\n]*?dataset\.(\w+)")


def as_attribute(name: str) -> str:
    return "data-" + re.sub(r"[A-Z]", lambda letter: "-" + letter.group().lower(), name)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_has_no_words_of_its_own(script: Path) -> None:
    code = COMMENT.sub(" ", script.read_text(encoding="utf-8"))
    assert [text for _quote, text in LITERAL.findall(code) if PROSE.search(text)] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_script_says_only_attributes_that_the_crawl_reads(script: Path) -> None:
    code = COMMENT.sub(" ", script.read_text(encoding="utf-8"))
    assert {as_attribute(name) for name in SHOWN_ATTRIBUTE.findall(code)} - TRANSLATED_ATTRIBUTES == set()
