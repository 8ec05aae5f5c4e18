"""A language nobody speaks: every translatable string comes out in ⟦brackets⟧; what stands outside is literal."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch
from zoneinfo import available_timezones

from django.apps import apps
from django.db import models
from django.utils import translation

OPEN, CLOSE = "⟦", "⟧"
TRANSLATED_ATTRIBUTES = {
    *("title", "placeholder", "alt", "label", "aria-label", "aria-description", "aria-roledescription"),
    *("aria-placeholder", "aria-valuetext", "hx-confirm", "hx-prompt"),
    # What scripts say: tests/translations/test_scripts.py holds that they take their words from nowhere else.
    *("data-copied", "data-saving", "data-saved", "data-unsaved", "data-offline", "data-line", "data-leave-warning"),
}
UNTRANSLATED_TAGS = {"script", "style", "code", "pre", "textarea", "svg", "template"}
VOID_TAGS = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
WORD = re.compile(r"[A-Za-z]{3,}")
# Names, not words: products, protocols, formats, units, codes.
NAMES = re.compile(
    r"\b(Cauce|CSV|XLSX|Excel|JSON|API|OpenAPI|MJML|HTML|List-Unsubscribe|Markdown|URL|UTM|NPS|CPL|CVR|CPA|RFM|SMS|SEO|SMTP|TLS|DKIM|"
    r"Amazon SES|Brevo|MailerSend|Mailgun|Mailjet|Mailtrap|Mandrill|Postal|Postmark|Resend|SendGrid|SparkPost|"
    r"IMAP|STARTTLS|Message-ID|RSA|"
    r"ROI|EUR|USD|GBP|UTC|English|Español|utm_\w+|https?://\S+|\S+@\S+|[A-Z]\w+/[A-Z]\w+(?:/\w+)?|"
    r"[a-z]+:(?:read|write)|[\w-]+\.(?:csv|xlsx|gz|csv\.gz)|Ctrl|Enter|Esc|Tab)\b|\{\{.*?\}\}|\{%.*?%\}"
)
MARKUP = re.compile(r"<[^>]*>|\{\{.*?\}\}|\{%.*?%\}|\]\([^)]*\)|[\[\n]")
PARAGRAPH = re.compile(r"\n\s*\n")
FALLBACK = re.compile(r"""default\(\s*["']([^"']+)""")
# IANA's names of time zones, as people see them.
ZONES = {zone.replace("_", " ") for zone in available_timezones()}


@contextmanager
def pseudo_language() -> Iterator[None]:
    """Every gettext call answers its message in brackets while this is active."""
    trans: Any = vars(translation)["_trans"]

    def bracket(text: str) -> str:
        return f"{OPEN}{text}{CLOSE}" if text.strip() else text

    replacements: dict[str, Any] = {
        "gettext": lambda message: bracket(str(message)),
        "ngettext": lambda one, many, number: bracket(one if number == 1 else many),
        "pgettext": lambda context, message: bracket(str(message)),
        "npgettext": lambda context, one, many, number: bracket(one if number == 1 else many),
    }
    with patch.multiple(trans, create=True, **replacements):
        yield


class _TextCollector(HTMLParser):
    """Collects what a person reads or hears on a page: text, spoken attributes, button captions."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[tuple[str, bool]] = []
        self.pieces: list[str] = []
        self.data_script: str | None = None

    @property
    def silent(self) -> bool:
        return any(is_silent for _tag, is_silent in self.stack)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if not self.silent:
            self._attributes(tag, named)
        if tag in VOID_TAGS:
            return
        self.stack.append((tag, tag in UNTRANSLATED_TAGS or named.get("translate") == "no"))
        if tag == "script":
            self.data_script = named.get("type")

    def _attributes(self, tag: str, named: dict[str, str | None]) -> None:
        if tag == "meta":
            return
        self.pieces += [value for name, value in named.items() if value and name in TRANSLATED_ATTRIBUTES]
        if tag == "input" and named.get("type") in {"submit", "button", "reset"}:
            self.pieces.append(named.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index][0] == tag:
                del self.stack[index:]
                break

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] == "script":
            if self.data_script == "application/json":
                self.pieces += _sentences(json.loads(data))
        elif not self.silent:
            self.pieces.append(data)


def _sentences(value: Any) -> Iterator[str]:
    """The strings in a JSON document for scripts that look like words for people: with a space and a letter."""
    if isinstance(value, str):
        if " " in value.strip() and not value.lstrip().startswith(("function", "rgba", "{")):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _sentences(inner)


def literal_words(page: str, known: set[str]) -> list[str]:
    """Pieces of an HTML page that no translator could change and that are not the company's own data (`known`)."""
    parser = _TextCollector()
    parser.feed(page)
    return [" ".join(piece.split()) for piece in parser.pieces if _is_literal(piece, known)]


def literal_text(text: str, known: set[str]) -> list[str]:
    """The same for plain text, such as a mail."""
    return [line.strip() for line in _translated_removed(text).splitlines() if _is_literal(line, known)]


def _is_literal(piece: str, known: set[str]) -> bool:
    left = " ".join(_translated_removed(piece).split())
    if left in known or not WORD.search(NAMES.sub(" ", left)):
        return False
    left = NAMES.sub(" ", left)  # first: a datum may end within a name ("Spring tea · C" before "auce")
    for datum in sorted((datum for datum in known if datum in left), key=len, reverse=True):
        left = left.replace(datum, " ")
    return bool(WORD.search(NAMES.sub(" ", left)))


def _translated_removed(text: str) -> str:
    """`text` without its bracketed parts; brackets nest, and a part may be cut off at either end."""
    kept: list[str] = []
    depth = 0
    for char in text:
        if char == OPEN:
            depth += 1
        elif char == CLOSE:
            if depth == 0:
                kept.clear()
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(char)
    return "".join(kept)


def company_data() -> set[str]:
    """Every text stored in the database: these are the company's words, not ours."""
    known: set[str] = set()
    for model in apps.get_models():
        fields = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        if fields and model._meta.managed:
            for row in model._default_manager.values_list(*fields):
                known.update(value.strip() for value in row if isinstance(value, str) and len(value.strip()) > 2)
    return known | ZONES


def content_pieces(texts: set[str]) -> set[str]:
    """What a rendered letter says of `texts` (MJML, Markdown): their lines between tags, merge fields and links."""
    joined = {" ".join(paragraph.split()) for text in texts for paragraph in PARAGRAPH.split(text)}
    pieces = {piece for text in texts | joined for piece in MARKUP.split(text)}
    pieces |= {fallback for text in texts for fallback in FALLBACK.findall(text)}
    return {piece.strip(" *#>.,:!()") for piece in pieces if len(piece.strip(" *#>.,:!()")) > 2}
