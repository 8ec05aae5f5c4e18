"""What `bin/_setup` says and does on a machine that lacks something: one clear last line, and a next start that works.

Python, pip and df are stand-ins on PATH that fail as the real ones do; the folder is a clone with nothing installed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OLD = "echo 3.9; exit 1"
NO_VENV = 'case "$2" in *version_info*) echo 3.11;; *ensurepip*) exit 1;; esac'
OFFLINE = "NewConnectionError: Temporary failure in name resolution"
NO_ROOM = "OSError: [Errno 28] No space left on device"


class Clone:
    """A folder with what set-up reads, and a PATH on which only `pythons` are Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a cloné"
        self.path = folder / "path"
        for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt", "package-lock.json"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, self.folder)
        shutil.copytree(ROOT / "bin", self.folder / "bin")
        self.path.mkdir()
        for name in ("bash", "env", "dirname", "readlink", "awk", "df", "cat", "cksum", "tail", "grep", "id", "sleep",
                     "rm", "mkdir", "ln", "flock"):  # fmt: skip
            (self.path / name).symlink_to(shutil.which(name) or name)

    def program(self, name: str, script: str) -> None:
        program = self.path / name
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def python(self, pip: str = "exit 0") -> None:
        """A Python whose `-m venv` makes an environment in which `-m pip install` does `pip`."""
        self.program(
            "inner", f'case "$*" in *"pip --version"*) exit 0;; *"pip install"*) {pip};; *) echo /nowhere;; esac'
        )
        making = f'mkdir -p .venv/bin; ln -sf "{self.path}/inner" .venv/bin/python; rm -f .venv/.unfinished'
        self.program("python3", f'case "$*" in *version_info*) echo 3.11;; *"-m venv"*) {making};; esac')

    def run(self, user: str | None = None) -> tuple[int, list[str]]:
        done = subprocess.run(
            [self.folder / "bin" / "run"],
            env={"PATH": str(self.path)},
            cwd="/",
            user=user,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.strip().splitlines()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_no_python_at_all(clone: Clone) -> None:
    assert clone.run() == (
        1,
        [
            "Cauce needs Python 3.11 or newer. Install it (Debian: apt-get install python3 python3-venv), "
            "then start again."
        ],
    )


def test_a_python_that_is_too_old(clone: Clone) -> None:
    clone.program("python3", OLD)
    code, said = clone.run()
    assert code == 1
    assert said[-1].startswith("Cauce needs Python 3.11 or newer (python3 is 3.9).")


def test_a_python_without_its_venv_module(clone: Clone) -> None:
    clone.program("python3", NO_VENV)
    code, said = clone.run()
    assert code == 1
    assert said[-1].endswith(
        "python3 has no venv module. Install it (Debian: apt-get install python3-venv), then start again."
    )
    assert not (clone.folder / ".venv").exists()


def test_no_room_for_the_packages(clone: Clone) -> None:
    clone.python()
    clone.program("df", "echo none; echo disk 9 9 $((700 * 1024)) 1% /")
    assert clone.run() == (
        1,
        [f"The disk of {clone.folder} has 700 MB left and about 1100 MB are needed. Make room, then start again."],
    )


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        (OFFLINE, "they could not be downloaded. Is there a network? Start again when there is: what is done is kept."),
        (NO_ROOM, "is full. Make room, about 1100 MB in all, then start again: what is done is kept."),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "write to it, then start again."),
        (
            "a wheel that does not build",
            "the lines above say why. Start again when it is mended: what is done is kept.",
        ),
    ],
)
def test_packages_that_cannot_be_installed(clone: Clone, complaint: str, said: str) -> None:
    clone.python(f'echo "{complaint}"; exit 1')
    code, lines = clone.run()
    assert code == 1
    assert lines[-1].startswith("The Python packages could not be installed")
    assert lines[-1].endswith(said)
    assert complaint.split(":")[0] in "\n".join(lines[:-1])
    assert not (clone.folder / ".venv" / ".unfinished").exists()

    clone.python()
    assert clone.run()[1][0] == "Installing Python packages (about a minute the first time)…"
    assert (clone.folder / ".venv" / ".made-from-requirements.txt").exists()


def test_an_installation_cut_off_is_made_anew(clone: Clone) -> None:
    clone.python('echo "Installing collected packages: a, b"; kill -9 $PPID; exit 1')
    assert clone.run()[0] != 0
    assert (clone.folder / ".venv" / ".unfinished").exists()
    clone.python()
    said = clone.run()[1]
    assert said[0] == "Making the virtual environment (.venv)…"
    assert not (clone.folder / ".venv" / ".unfinished").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_clone_of_somebody_else(clone: Clone) -> None:
    clone.python()
    for folder in (clone.folder, *clone.folder.parents):
        if folder.is_relative_to(tempfile.gettempdir()) and folder != Path(tempfile.gettempdir()):
            folder.chmod(0o755)
    code, said = clone.run(pwd.getpwnam("nobody").pw_name)
    assert code == 1
    assert said == [
        f"nobody cannot write to {clone.folder}, and packages are to be installed there. Start as its owner, "
        f"or give the folder away: chown -R nobody '{clone.folder}'"
    ]


def test_through_a_link_and_beside_a_folder_of_the_same_name(tmp_path: Path) -> None:
    """What stands in the caller's folder is never run, and a link to the command leads to the clone."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "cauce").symlink_to(ROOT / "bin" / "run")
    done = subprocess.run([tmp_path / "cauce", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split("\n")[0]) == (
        0,
        "usage: bin/run [-h] [--port PORT] [--home HOME] [--empty] [--smoke]",
    )
