"""The catalogues of the product: collecting what the sources say, keeping each app's catalogue, compiling it.

`templates/<app>/` belongs to that app, every other template to `core`. Catalogues are sorted and carry no line numbers,
so that two people's changes merge quietly. `python -m tools.catalogues` compiles what changed.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polib
from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parent.parent
APPS = ("core", "accounts", "crm", "marketing", "delivery", "campaigns", "analytics", "config", "tools")
LANGUAGE = "es"
METADATA = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": LANGUAGE,
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}
KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|%[sd]|\{[a-zA-Z_][a-zA-Z0-9_.]*\}")


@dataclass(frozen=True, order=True)
class Message:
    """A sentence of the sources: its singular, its plural or "", its context or ""."""

    text: str
    plural: str = ""
    context: str = ""


def catalogue_path(app: str) -> Path:
    return ROOT / app / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def messages_of(app: str) -> set[Message]:
    """Every translatable sentence of the app's Python files (tests apart) and of its templates."""
    found: set[Message] = set()
    for path in _python_files(app):
        found.update(_extract(path.read_text(encoding="utf-8")))
    for path in _templates(app):
        found.update(_extract(_as_python(path)))
    return found


def _python_files(app: str) -> Iterator[Path]:
    for path in sorted((ROOT / app).rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts):
            yield path


def _templates(app: str) -> Iterator[Path]:
    folder = ROOT / "templates"
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".txt", ".mjml", ".xml"} and path.is_file():
            owner = path.relative_to(folder).parts[0]
            if app == (owner if owner in APPS else "core"):
                yield path


def _as_python(template: Path) -> str:
    """Django's own rewriting of a template's messages as Python calls, without its indentation."""
    from django.utils.translation.template import templatize

    text = templatize(template.read_text(encoding="utf-8"), origin=str(template))
    return "\n".join(line.strip() for line in text.splitlines())


def _extract(source: str) -> Iterator[Message]:
    for _line, message, _comments, context in extract(
        "python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        text, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if text:
            yield Message(text, plural or "", context or "")


def read_catalogue(app: str) -> polib.POFile:
    path = catalogue_path(app)
    return polib.pofile(str(path), wrapwidth=110) if path.is_file() else polib.POFile(wrapwidth=110)


def _key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")


def update_catalogue(app: str) -> tuple[int, int]:
    """Bring the catalogue to what the sources say; translations of sentences that stay are kept.

    Returns how many sentences it has and how many of them wait for a translation.
    """
    old = {_key(entry): entry for entry in read_catalogue(app)}
    new = polib.POFile(wrapwidth=110)
    new.metadata = METADATA
    for message in sorted(messages_of(app)):
        kept = old.get(message)
        entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = dict(kept.msgstr_plural) if kept else {0: "", 1: ""}
        elif kept:
            entry.msgstr = kept.msgstr
        entry.flags = list(kept.flags) if kept else []
        new.append(entry)
    if new or old:
        catalogue_path(app).parent.mkdir(parents=True, exist_ok=True)
        new.save(str(catalogue_path(app)))
    return len(new), sum(not _is_translated(entry) for entry in new)


def _is_translated(entry: polib.POEntry) -> bool:
    if entry.fuzzy:
        return False
    return all(entry.msgstr_plural.get(form) for form in (0, 1)) if entry.msgid_plural else bool(entry.msgstr)


def faults_of(app: str) -> list[str]:
    """What `bin/messages --check` finds wrong: missing, fuzzy, obsolete, or other placeholders than the source."""
    faults = []
    catalogue = {_key(entry): entry for entry in read_catalogue(app) if not entry.obsolete}
    sources = messages_of(app)
    for message in sorted(sources):
        entry = catalogue.get(message)
        if entry is None or not (entry.fuzzy or _is_translated(entry)):
            faults.append(f"{app}: not translated: {message.text!r}")
        elif entry.fuzzy:
            faults.append(f"{app}: fuzzy: {message.text!r}")
        elif not _placeholders_agree(entry):
            faults.append(f"{app}: other placeholders: {message.text!r}")
    faults += [f"{app}: obsolete: {message.text!r}" for message in sorted(set(catalogue) - sources)]
    return faults


def disagreements() -> list[str]:
    """Sentences that two apps translate differently. They share one catalogue when the product runs, so only one of
    the two would ever be seen: word them alike, or give one a context."""
    seen: dict[Message, dict[str, str]] = {}
    for app in APPS:
        for entry in read_catalogue(app):
            if not entry.obsolete and not entry.msgid_plural and entry.msgstr:
                seen.setdefault(_key(entry), {}).setdefault(entry.msgstr, app)
    return [
        f"{' and '.join(said.values())}: translated differently: {message.text!r}"
        for message, said in sorted(seen.items())
        if len(said) > 1
    ]


def _placeholders_agree(entry: polib.POEntry) -> bool:
    if not entry.msgid_plural:
        return _placeholders(entry.msgid) == _placeholders(entry.msgstr)
    allowed = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural)
    # "un día" may leave the number out that "%(n)s day" shows.
    return _placeholders(entry.msgstr_plural[0]) <= allowed and (
        _placeholders(entry.msgstr_plural[1]) == _placeholders(entry.msgid_plural)
    )


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def compile_catalogues() -> None:
    """Write the `.mo` of every catalogue that is newer than its own."""
    for app in APPS:
        source = catalogue_path(app)
        if not source.is_file():
            continue
        compiled = source.with_suffix(".mo")
        if compiled.is_file() and compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        draft = source.with_suffix(".mo.draft")
        polib.pofile(str(source)).save_as_mofile(str(draft))
        draft.replace(compiled)


if __name__ == "__main__":
    try:
        compile_catalogues()
    except (OSError, ValueError) as error:
        sys.exit(f"{error}")
