"""`bin/manage [--home DIR] restore FILE`: an empty home gets the keys, the servers and the data of a backup.

It runs before a home is prepared, and before anything of the application is loaded: the keys come first.
"""

import argparse
import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tools.backup.archive import KEYS, Archive
from tools.backup.errors import BackupError
from tools.backup.keys import Keys, keys_load, keys_that_differ, keys_write, passphrase_asked, passphrase_given
from tools.servers.embedded import servers_start
from tools.servers.home import Home

KEYS_FILE = "keys.env"
RESTORING = "CAUCE_RESTORING"  # tells the command that the home is prepared
# What a home holds once it was used; logs, locks and static files are nobody's data.
CONTENTS = ("keys.json", KEYS_FILE, "postgres", "valkey", "media", "mail", "journal", "sign-ins.txt")

Manage = Callable[..., int]


def restore_main(home: Home, arguments: list[str], manage: Manage) -> int:
    """Restore into `home`; `manage` runs a management command with variables. Raises StartError and BackupError: then
    the home is as it was."""
    options = _options(arguments)
    with contextlib.closing(Archive(options.file)) as archive:
        _say(f"Backup of {archive.manifest.taken_at:%Y-%m-%d %H:%M} UTC. Checking the file…")
        archive.check()
        keys = _keys(archive, options.passphrase_file)
    if names := keys_that_differ(keys, os.environ):
        raise BackupError(
            f"{', '.join(names)} in the environment is not the backup's: links in mails that left, unsubscribed "
            "addresses and stored passwords would be lost. Unset it: the restore writes the backup's keys down."
        )
    home.open(for_restore=True)
    if not home.lock():
        raise BackupError(f"Process {home.holder()} uses {home.path}. Stop it first.")
    try:
        _refuse_used(home)
        variables = _fill(home, options.file.resolve(), keys, manage)
    finally:
        home.unlock()
    if variables:
        _say(f"The keys are in {home.path / KEYS_FILE}. Put its lines into the service's environment, then delete it.")
    return 0


def _fill(home: Home, file: Path, keys: Keys, manage: Manage) -> dict[str, str]:
    """The variables that a service needs and its environment lacks. After a failure the home is emptied again."""
    home.restore_begin()
    try:
        variables = _place_keys(home, keys)
        servers = servers_start(home)
        try:
            if manage(servers.environment | variables | {RESTORING: "1"}, "restore", str(file)):
                raise BackupError(f"The restore failed; the lines above say why. {home.path} is as empty as before.")
        finally:
            servers.stop()
    except BaseException:
        _remove_contents(home)
        raise
    finally:
        home.restore_end()
    return variables


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/manage [--home DIR] restore", description="Fills a new home from a backup."
    )
    parser.add_argument("file", type=Path, help="what bin/manage backup wrote")
    parser.add_argument("--passphrase-file", type=Path, help="its first line opens the keys")
    return parser.parse_args(arguments)


def _keys(archive: Archive, passphrase_file: Path | None) -> Keys:
    passphrase = passphrase_given(passphrase_file)
    if archive.manifest.has_sealed_keys and passphrase is None:
        passphrase = passphrase_asked()
    return keys_load(archive.read(KEYS), passphrase)


def _refuse_used(home: Home) -> None:
    """Raises BackupError when the home holds anything; what an unfinished restore left there is removed."""
    if home.restore_is_unfinished():
        _remove_contents(home)
    used = [name for name in CONTENTS if _is_used(home.path / name)]
    if used:
        raise BackupError(
            f"{home.path} is in use: it has {', '.join(used)}. Choose a new folder: bin/manage --home DIR restore …"
        )


def _is_used(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _place_keys(home: Home, keys: Keys) -> dict[str, str]:
    """Where this installation reads its keys: the environment, or else the home's own file. In production, which reads
    only the environment, they are written down for it, and returned."""
    if os.environ.get("SECRET_KEY"):
        return {}
    if not os.environ.get("PRODUCTION"):
        home.keep_keys(keys)
        return {}
    keys_write(home.path / KEYS_FILE, keys)
    return {name: value for name, value in keys.items() if value}


def _remove_contents(home: Home) -> None:
    for name in CONTENTS:
        path = home.path / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201
