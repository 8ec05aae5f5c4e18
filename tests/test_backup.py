"""`bin/manage backup` and `restore` as a person uses them, and the demo company there and back."""

import contextlib
import json
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests.test_run import Installation, ended
from tools.backup.archive import Archive
from tools.backup.load import backup_load
from tools.backup.make import backup_make
from tools.backup.tests.databases import two_databases
from tools.demo.load import Loader

MAKE = """
from accounts.people.models import User
from core.models import Preference
from core.secrets import secret_seal
ada = User.objects.create(email="ada@company.example", role="director")
Preference.objects.create(user_id=ada.pk, key="sealed", value=secret_seal("the mail password"))
"""
READ = """
from accounts.people.models import User
from core.models import Preference
from core.secrets import secret_open
print(User.objects.get().email, secret_open(Preference.objects.get().value))
"""


def manage(home: Path, *arguments: str) -> tuple[int, str]:
    return ended(Installation(home).command("tools.servers.command", *arguments), 180)


def shell(home: Path, code: str) -> tuple[int, str]:
    return manage(home, "shell", "--no-imports", "-c", code)


def test_from_one_home_to_another(tmp_path: Path) -> None:
    old, new, file, words = tmp_path / "old", tmp_path / "new", tmp_path / "one.cauce", tmp_path / "passphrase"
    words.write_text("correct horse battery")
    assert shell(old, MAKE)[0] == 0
    code, output = manage(old, "backup", str(file), "--passphrase-file", str(words))
    assert code == 0, output
    assert f" UTC in {file}: " in output
    assert file.stat().st_mode & 0o777 == 0o600
    secret = json.loads((old / "keys.json").read_text())["secret_key"]
    with zipfile.ZipFile(file) as archive:
        assert secret.encode() not in archive.read("keys.json")

    code, output = manage(old, "backup", str(file))
    assert code == 1
    assert output.endswith(f"{file} exists already. Choose another name: a backup replaces none.\n")
    code, output = manage(old, "restore", str(file), "--passphrase-file", str(words))
    assert code == 1
    assert f"{old} is in use: it has keys.json, postgres, valkey" in output

    code, output = manage(new, "restore", str(file), "--passphrase-file", str(words))
    assert code == 0, output
    assert "Sends stopped: 0; held: 0." in output
    code, output = shell(new, READ)
    assert (code, output) == (0, "ada@company.example the mail password\n")
    assert json.loads((new / "keys.json").read_text())["secret_key"] == secret


@pytest.mark.django_db(transaction=True)
def test_the_demo_company_is_the_same_table_by_table(tmp_path: Path, settings: Settings) -> None:
    settings.HOME = settings.MEDIA_ROOT = tmp_path / "home"
    settings.HOME.mkdir()
    Loader(tell=lambda step: None).load()
    # What the restore holds, and the line of the audit trail that says so.
    changed = {
        "delivery_send": ("state", "state_reason", "backup_taken_at"),
        "core_transactionalmail": ("state", "error", "context"),
    }
    file = tmp_path / "demo.cauce"
    with two_databases() as databases:
        made = backup_make(file, passphrase=None, tell=lambda text: None)
        before = databases.tables(databases.own, changed)
        databases.use_other()
        settings.MEDIA_ROOT = tmp_path / "restored"
        with contextlib.closing(Archive(file)) as archive:
            archive.check()
            loaded = backup_load(archive, tell=lambda text: None)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_auditentry WHERE action = 'backup_restore'")
        after = databases.tables(databases.other, changed)
        assert after == before
        assert len(after) == made.tables == loaded.tables > 90
        assert made.rows == loaded.rows > 90_000
        assert loaded.media == made.media == 1
