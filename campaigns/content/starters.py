"""The templates and letters that come with the product, in each language: files beside this module.

A file begins with `Name:` and `Subject:` lines and an empty line; the rest is the body (MJML, or Markdown in letters).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "starters"
SUFFIX = {"campaign": ".mjml", "letter": ".md"}
FALLBACK = "en"


@dataclass(frozen=True)
class Starter:
    """A shipped starting point; `code` is its file's name."""

    code: str
    name: str
    subject: str
    body: str


@cache
def starters(use: str, language: str) -> tuple[Starter, ...]:
    """The starters for campaigns or letters in `language`, in English where there are none."""
    folder = FOLDER / language[:2]
    if not folder.is_dir():
        folder = FOLDER / FALLBACK
    return tuple(_read(path) for path in sorted(folder.glob(f"*{SUFFIX[use]}")))


def starter_of(use: str, language: str, code: str) -> Starter | None:
    return next((starter for starter in starters(use, language) if starter.code == code), None)


def _read(path: Path) -> Starter:
    head, __, body = path.read_text(encoding="utf-8").partition("\n\n")
    lines = dict(line.split(": ", 1) for line in head.splitlines())
    return Starter(path.stem, lines["Name"], lines.get("Subject", ""), body)
