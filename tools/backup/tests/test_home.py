"""Which homes a backup is restored into, and what becomes of them when that fails."""

from pathlib import Path

import pytest

from tools.backup import home as home_module
from tools.backup.archive import KEYS, Manifest, archive_write
from tools.backup.errors import BackupError
from tools.backup.home import RESTORING, restore_main
from tools.backup.keys import keys_dump
from tools.backup.tests.test_archive import AT
from tools.backup.tests.test_keys import KEYS as VALUES
from tools.backup.tests.test_keys import WORDS
from tools.servers.embedded import Servers
from tools.servers.errors import StartError
from tools.servers.home import Home


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The home alone is what these tests are about."""

    def start(home: Home) -> Servers:
        (home.path / "postgres").mkdir()
        home.secret("database_password")
        return Servers(environment={"DATABASE_URL": "postgres://here"})

    monkeypatch.setattr(home_module, "servers_start", start)
    for name in (*VALUES, "PRODUCTION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def backup(path: Path, passphrase: str | None = None) -> Path:
    with archive_write(path) as archive:
        with archive.part(KEYS) as part:
            part.write(keys_dump(VALUES, passphrase))
        archive.finish(Manifest(AT, 18, {}, {}, passphrase is not None, archive.parts))
    return path


class Manage:
    """Stands for the management command: remembers how it was called, and ends with `code`."""

    def __init__(self, code: int = 0) -> None:
        self.code, self.variables, self.arguments = code, dict[str, str](), tuple[str, ...]()

    def __call__(self, variables: dict[str, str], *arguments: str) -> int:
        self.variables, self.arguments = variables, arguments
        return self.code


def test_the_keys_are_in_place_before_anything_is_loaded(home: Home, tmp_path: Path) -> None:
    manage = Manage()
    file = backup(tmp_path / "one.cauce")
    assert restore_main(home, [str(file)], manage) == 0
    assert manage.arguments == ("restore", str(file))
    assert manage.variables == {"DATABASE_URL": "postgres://here", RESTORING: "1"}
    assert home.kept_keys() == VALUES
    assert (home.path / "keys.json").stat().st_mode & 0o777 == 0o600
    home.open()


def test_in_production_they_are_written_for_the_service(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRODUCTION", "1")
    manage = Manage()
    assert restore_main(home, [str(backup(tmp_path / "one.cauce"))], manage) == 0
    assert VALUES.items() <= manage.variables.items()
    assert 'SECRETS_KEY="three"' in (home.path / "keys.env").read_text()
    assert f"The keys are in {home.path}/keys.env" in capsys.readouterr().err


def test_in_production_that_has_them_nothing_is_written(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (VALUES | {"PRODUCTION": "1"}).items():
        monkeypatch.setenv(name, value)
    assert restore_main(home, [str(backup(tmp_path / "one.cauce"))], Manage()) == 0
    assert not (home.path / "keys.env").exists()


def test_other_keys_in_the_environment_are_refused(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another")
    with pytest.raises(BackupError, match=r"^SECRET_KEY, SUPPRESSION_KEY, SECRETS_KEY, SECRET_KEY_FALLBACKS in the"):
        restore_main(home, [str(backup(tmp_path / "one.cauce"))], Manage())
    assert not home.path.exists()


def test_sealed_keys_ask_for_the_passphrase(home: Home, tmp_path: Path) -> None:
    file = backup(tmp_path / "one.cauce", WORDS)
    with pytest.raises(BackupError, match="are sealed"):
        restore_main(home, [str(file)], Manage())
    (tmp_path / "passphrase").write_text(WORDS)
    assert restore_main(home, [str(file), "--passphrase-file", str(tmp_path / "passphrase")], Manage()) == 0
    assert home.kept_keys() == VALUES


@pytest.mark.parametrize("name", ["keys.json", "postgres/PG_VERSION", "media/a.csv", "valkey/appendonly.aof"])
def test_a_home_in_use_is_refused_and_left_alone(home: Home, tmp_path: Path, name: str) -> None:
    used = home.path / name
    used.parent.mkdir(parents=True)
    used.write_text("kept")
    with pytest.raises(BackupError, match=f"is in use: it has {name.split('/')[0]}"):
        restore_main(home, [str(backup(tmp_path / "one.cauce"))], Manage())
    assert used.read_text() == "kept"


def test_a_home_that_runs_is_refused(home: Home, tmp_path: Path) -> None:
    running = Home(home.path)
    running.open()
    assert running.lock()
    with pytest.raises(BackupError, match="uses"):
        restore_main(home, [str(backup(tmp_path / "one.cauce"))], Manage())
    running.unlock()


def test_after_a_failure_the_home_is_as_empty_as_before(home: Home, tmp_path: Path) -> None:
    file = backup(tmp_path / "one.cauce")
    with pytest.raises(BackupError, match="The restore failed"):
        restore_main(home, [str(file)], Manage(code=1))
    assert not (home.path / "keys.json").exists()
    assert not (home.path / "postgres").exists()
    assert restore_main(home, [str(file)], Manage()) == 0


def test_one_that_was_killed_lets_nothing_start_and_can_be_done_again(home: Home, tmp_path: Path) -> None:
    home.open()
    home.restore_begin()
    home.secret("secret_key")
    (home.path / "postgres").mkdir()
    (home.path / "postgres" / "half").write_text("")
    with pytest.raises(StartError, match=r"was not finished\. Restore the backup again"):
        Home(home.path).open()
    assert restore_main(home, [str(backup(tmp_path / "one.cauce"))], Manage()) == 0
    assert not (home.path / "postgres" / "half").exists()
    assert home.kept_keys() == VALUES
