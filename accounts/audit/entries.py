"""An entry of the audit trail as people read it, in the active language and zone: for the page, its export, and every
history that shows what was changed."""

from dataclasses import dataclass

from accounts.audit.models import AuditEntry
from accounts.audit.subjects import field_label, field_show, subject_name, subject_title
from accounts.audit.titles import action_title
from accounts.audit.values import in_words


@dataclass(frozen=True)
class ChangeLine:
    """One field that was changed: its label, its value before and after; a dash for none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ReadableEntry:
    """An entry in words: `title` says what happened, `kind` and `name` to what."""

    entry: AuditEntry
    title: str
    kind: str
    name: str
    changes: list[ChangeLine]


def readable(entry: AuditEntry) -> ReadableEntry:
    code = entry.object_type
    return ReadableEntry(
        entry=entry,
        title=action_title(entry.action),
        kind=subject_title(code),
        name=subject_name(code, entry.object_label),
        changes=[_line(code, name, *pair) for name, pair in entry.changes.items()],
    )


def _line(code: str, name: str, before: object, after: object) -> ChangeLine:
    show = field_show(code, name)
    label = field_label(code, name) or name.replace("_", " ")
    return ChangeLine(label, in_words(show, before), in_words(show, after))
