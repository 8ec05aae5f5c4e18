"""Raw SQL names tables of its own app only. A table of a lower app comes in as a named fragment of its owner
(`<feature>/sql.py`), joined in the same statement."""

import ast
import re
from collections.abc import Iterator

from django.apps import apps

from tests.architecture.floors import APPS, sources

STATEMENT = re.compile(r"\b(FROM|JOIN|UPDATE|INTO|COPY|ANALYZE|TABLE|SELECT|WHERE|VALUES|TRUNCATE)\b")

# Where a fragment would hide a definition, the tables are named here with the reason.
ALLOWED: dict[str, tuple[set[str], str]] = {
    "analytics.kpis.measures": (
        {
            "crm_contact",
            "crm_lead",
            "crm_minilistmembership",
            "crm_npsanswer",
            "crm_order",
            "marketing_spendentry",
        },
        "A measure is the definition of what is counted, read beside its sentence: which moment, which row wins, whose "
        "it is. Fragments of the owners would spread one definition over three files.",
    ),
}


def tables() -> dict[str, str]:
    """The app of every table."""
    found = {model._meta.db_table: model._meta.app_label for model in apps.get_models(include_auto_created=True)}
    return {table: label for table, label in found.items() if label in APPS}


def texts(source: str) -> Iterator[str]:
    """Every string within `source`, the fixed parts of an f-string as one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def foreign_tables(app: str, source: str, owners: dict[str, str]) -> set[str]:
    """The tables of other apps that the SQL within `source` names; a string that is nothing but a table counts too."""
    found: set[str] = set()
    for text in texts(source):
        if STATEMENT.search(text) or text.strip() in owners:
            found |= {word for word in re.findall(r"\w+", text) if owners.get(word, app) != app}
    return found


def test_raw_sql_names_tables_of_its_own_app() -> None:
    owners = tables()
    wrong, seen = {}, {}
    for name, path in sources().items():
        found = foreign_tables(name.partition(".")[0], path.read_text(encoding="utf-8"), owners)
        allowed = ALLOWED.get(name, (set(), ""))[0]
        if found - allowed:
            wrong[name] = sorted(found - allowed)
        if found & allowed:
            seen[name] = found & allowed
    assert wrong == {}
    assert seen == {name: named for name, (named, _reason) in ALLOWED.items()}, "an exception that is not needed"


def test_a_foreign_table_would_be_found() -> None:
    owners = {"crm_contact": "crm", "delivery_send": "delivery"}
    assert foreign_tables("delivery", 'Q = "SELECT 1 FROM crm_contact JOIN delivery_send"', owners) == {"crm_contact"}
    assert foreign_tables("delivery", 'Q = f"SELECT {columns} " f"{source} crm_contact c"', owners) == {"crm_contact"}
    assert foreign_tables("delivery", 'TABLE = "crm_contact"', owners) == {"crm_contact"}
    assert foreign_tables("crm", 'Q = "SELECT 1 FROM crm_contact"', owners) == set()
    assert foreign_tables("delivery", 'Q = f"FROM {contacts_as(1)}"', owners) == set()
