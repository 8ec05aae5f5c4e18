"""Which column holds what: a guess by the columns' names, English or Spanish."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from core.errors import DomainError
from crm.imports.kinds import ImportKind


def plain_name(header: str) -> str:
    """A column name without case, accents, spaces and punctuation: `Fecha del pedido` -> `fechadelpedido`."""
    bare = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare.lower())


def mapping_guess(kind: ImportKind, headers: Sequence[str]) -> dict[str, int]:
    """Field code -> column position, for the columns whose names are known. A column serves one field."""
    names = [plain_name(re.sub(r" \(\d+\)$", "", header)) for header in headers]
    taken: dict[str, int] = {}
    for field in kind.fields:
        for guess in (plain_name(field.code), *field.guesses):
            column = next((n for n, name in enumerate(names) if name == guess and n not in taken.values()), None)
            if column is not None:
                taken[field.code] = column
                break
    return taken


def mapping_check(kind: ImportKind, columns: Mapping[str, int]) -> None:
    """Raises DomainError `column_missing` naming the fields that need a column, or `column_twice`."""
    missing = [str(field.title) for field in kind.fields if field.required and field.code not in columns]
    missing += [
        _(" or ").join(str(kind.field(code).title) for code in group)
        for group in kind.groups
        if not any(code in columns for code in group)
    ]
    if missing:
        raise DomainError(_("Choose a column for: %(fields)s.") % {"fields": ", ".join(missing)}, code="column_missing")
    if len(set(columns.values())) < len(columns):
        raise DomainError(_("The same column was chosen for two fields."), code="column_twice")
