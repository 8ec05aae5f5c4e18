"""Whatever an import rejects, it says why in words."""

import re
from pathlib import Path

from django.conf import settings

from crm.imports.kinds import import_kinds
from crm.imports.run import reading_sentences

RAISED = re.compile(r"(?:error|RowError|BadValue)\(\s*\"([a-z_]+)\"")


def test_every_reason_has_its_sentence() -> None:
    """The codes in the sources of imports, and what a person reads instead of them."""
    root = Path(settings.BASE_DIR)
    kinds = [path for app in ("crm", "marketing", "delivery") for path in (root / app).rglob("*_import.py")]
    paths = [*(root / "crm/imports").glob("*.py"), *kinds]
    raised = {code for path in paths for code in RAISED.findall(path.read_text())}
    said = dict(reading_sentences())
    for kind in import_kinds:
        said |= kind.sentences()
    assert len(raised) > 12
    assert raised - set(said) == set()
    assert all(text.endswith(".") for text in said.values())
