"""`bin/run` and `bin/manage` as a newcomer meets them: start, refuse, survive, stop."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.fixtures.waiting import wait_until
from tools.servers.home import free_port

ROOT = Path(__file__).resolve().parents[1]
OWN_SERVERS = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "CAUCE_HOME", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}


class Installation:
    """A home of its own, and the processes a test started on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.running: list[subprocess.Popen[str]] = []

    def command(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        environment = {name: value for name, value in os.environ.items() if name not in OWN_SERVERS}
        started = subprocess.Popen(
            [sys.executable, "-m", module, "--home", str(self.home), *arguments],
            cwd=ROOT,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(started)
        return started

    def run(self, *arguments: str) -> "subprocess.Popen[str]":
        return self.command("tools.supervisor", "--empty", "--port", str(self.port), *arguments)

    def health(self) -> dict[str, object]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def wait_until_up(self) -> None:
        wait_until(lambda: self.health().get("ok"), seconds=120, what="a healthy installation")
        wait_until((self.home / "running.json").exists, what="the end of the start")

    def processes(self) -> dict[int, list[str]]:
        """The command line of whatever works for this home, found by its environment or that line; ended ones aside."""
        found = {}
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
                owner = process.environ().get("CAUCE_HOME", "")
            except psutil.Error:
                continue
            if any(str(self.home) in word for word in [*words, owner]):
                found[process.pid] = words
        return found

    def workers(self) -> set[int]:
        return {pid for pid, words in self.processes().items() if "default@%h" in words}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("home"))
    yield installation
    for started in installation.running:
        if started.poll() is None:
            started.terminate()
            started.wait(60)


def ended(started: "subprocess.Popen[str]", seconds: float = 60) -> tuple[int, str]:
    output, _ = started.communicate(timeout=seconds)
    return started.returncode, output


def test_a_life(installation: Installation) -> None:
    """First start, refusals beside it, a killed worker, a killed supervisor, another start, an orderly end."""
    first = installation.run()
    installation.wait_until_up()
    assert (installation.home / "keys.json").stat().st_mode & 0o777 == 0o600
    assert (installation.home / "sign-ins.txt").stat().st_mode & 0o777 == 0o600

    other_port = installation.command("tools.supervisor", "--port", str(free_port()))
    assert ended(other_port) == (
        1,
        f"\nCauce already runs on {installation.home} (process {first.pid}). "
        "Stop it first, or use another --home DIR.\n",
    )
    code, output = ended(installation.run())
    assert code == 1
    assert f"Port {installation.port} is taken by another program." in output
    code, output = ended(installation.command("tools.servers.command", "showmigrations", "core"))
    assert code == 0
    assert "[X] 0001_initial" in output

    before = installation.workers()
    for pid in before:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
    wait_until(lambda: installation.workers() - before, what="another worker")
    installation.wait_until_up()

    first.kill()
    first.wait()
    second = installation.run()
    installation.wait_until_up()
    second.send_signal(signal.SIGTERM)
    code, output = ended(second)
    assert code == 0
    assert "Cauce runs at" in output
    assert output.endswith("Stopped.\n")
    wait_until(lambda: not installation.processes(), what="the last process to end")


def test_a_command_brings_its_own_servers_and_leaves_none(installation: Installation) -> None:
    (installation.home / "postgres").mkdir(exist_ok=True)
    command = installation.command("tools.servers.command", "migrate", "--check")
    assert ended(command, 120)[0] in {0, 1}
    wait_until(lambda: not installation.processes(), what="the servers to end")


def test_a_command_in_a_new_home_makes_the_tables_it_needs(tmp_path: Path) -> None:
    new = Installation(tmp_path / "new")
    asking = "from accounts.people.models import User; print('people:', User.objects.count())"
    code, output = ended(new.command("tools.servers.command", "shell", "--no-imports", "-c", asking), 120)
    assert code == 0
    assert output.splitlines() == ["Preparing the database…", "people: 0"]


def test_servers_named_in_dot_env_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.servers import variables

    (tmp_path / ".env").write_text("CAUCE_TEST_ONE=from the file\nCAUCE_TEST_OTHER=from the file\n")
    monkeypatch.setattr(variables, "ROOT", tmp_path)
    monkeypatch.setenv("CAUCE_TEST_OTHER", "from the environment")
    monkeypatch.setenv("CAUCE_TEST_ONE", "")
    monkeypatch.delenv("CAUCE_TEST_ONE")
    variables.variables_read()
    assert os.environ["CAUCE_TEST_ONE"] == "from the file"
    assert os.environ["CAUCE_TEST_OTHER"] == "from the environment"


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.servers import home as home_module
    from tools.servers.errors import StartError

    monkeypatch.setattr(home_module, "MIN_FREE_FIRST_START", 1 << 60)
    with pytest.raises(StartError, match="Make room, or choose another folder with --home DIR"):
        home_module.Home(tmp_path / "full").open()


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    from tools.servers.errors import StartError
    from tools.servers.home import Home

    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="Cannot write to"):
        Home(tmp_path / "file" / "home").open()
