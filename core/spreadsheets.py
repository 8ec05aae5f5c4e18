"""Writing cells that a spreadsheet program will show and not execute."""

import re

_NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(?:[eE][+-]?\d+)?%?")
_STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> object:
    """`value`, with an apostrophe before text that a spreadsheet would take for a formula. Numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_STARTERS) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def typed_cell(text: str) -> str:
    """The text a `safe_cell` stood for."""
    return text[1:] if text.startswith("'") and text[1:2] in _STARTERS else text
