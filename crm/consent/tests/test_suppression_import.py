"""The list another system kept, brought along: it suppresses and never takes off."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from core.services.progress import ProgressLine
from crm.consent.models import Suppression
from crm.consent.services import suppression_add
from crm.consent.suppression_import import parse_reason
from crm.contacts.email_addresses import address_hash
from crm.imports.kinds import import_kinds
from crm.imports.services import import_map, import_run, import_upload

pytestmark = pytest.mark.django_db
CONTENT = b"""Correo,Motivo
ada@far.example,Hard bounce
BOB@far.example,Queja de spam
cy@far.example,
ada@FAR.example,again
not an address,x
,x
"""


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def brought_in(*, dry_run: bool = False) -> dict[str, Any]:
    kind = import_kinds["suppressed"]
    file = import_upload(kind=kind, name="list.csv", content=io.BytesIO(CONTENT), size=len(CONTENT), actor=None)
    import_map(file=file, columns=file.mapping["columns"], options={}, actor=None)
    with ProgressLine(None) as progress:
        report = import_run(file=file, dry_run=dry_run, progress=progress)
    report.pop("seconds")
    return report


def test_a_file_suppresses_once_and_names_what_it_could_not_read() -> None:
    suppression_add(address="cy@far.example", reason="erased", source="test")
    rejected = {"bad_address": 1, "missing_address": 1}
    assert brought_in(dry_run=True) == {"rows": 6, "imported": 2, "unchanged": 2, "updated": 0, "rejected": rejected}
    assert Suppression.objects.count() == 1
    assert brought_in() == {"rows": 6, "imported": 2, "unchanged": 2, "updated": 0, "rejected": rejected}
    found = dict(Suppression.objects.values_list("address_hash", "reason"))
    assert found == {
        address_hash("ada@far.example"): "bounced",
        address_hash("bob@far.example"): "complained",
        address_hash("cy@far.example"): "erased",
    }
    assert brought_in()["imported"] == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "imported"), ("Abuse report", "complained"), ("rebotado", "bounced"), ("De baja", "unsubscribed")],
)
def test_reasons(text: str, reason: str) -> None:
    assert parse_reason(text) == reason


LINES = "ada@far.example\nBob@far.example\n\nnot one\nzoë@far.example\n"


@pytest.mark.parametrize(
    "content",
    [
        LINES.encode(),
        LINES.encode("utf-8-sig"),
        LINES.replace("\n", "\r\n").encode("utf-16"),
        LINES.encode("cp1252"),
        LINES.replace("\n", ";left\n").replace("\n;left\n", "\n\n").encode(),
        LINES.replace("\n", "\tleft\n").replace("\n\tleft\n", "\n\n").encode("utf-16-le"),
        gzip.compress(LINES.encode()),
    ],
    ids=["utf-8", "bom", "utf-16", "cp1252", "semicolon", "tab in utf-16-le", "gzip"],
)
def test_a_bare_list_of_addresses_needs_no_header(content: bytes) -> None:
    kind = import_kinds["suppressed"]
    file = import_upload(kind=kind, name="list.csv", content=io.BytesIO(content), size=len(content), actor=None)
    assert file.mapping["columns"] == {"email": 0}
    import_map(file=file, columns=file.mapping["columns"], options={}, actor=None)
    with ProgressLine(None) as progress:
        report = import_run(file=file, dry_run=False, progress=progress)
    assert (report["rows"], report["imported"], report["rejected"]) == (4, 3, {"bad_address": 1})
    assert set(Suppression.objects.values_list("address_hash", flat=True)) == {
        address_hash(address) for address in ("ada@far.example", "bob@far.example", "zoë@far.example")
    }
    assert "4,bad_address" in file.rejects.open().read().decode("utf-8-sig")
