"""The keys without which a restored database is of no use, as a backup carries them: open, or sealed by a passphrase.

SECRET_KEY signs the links in mails that were sent, SUPPRESSION_KEY hashes unsubscribed addresses, SECRETS_KEY seals
mail passwords and DKIM keys in the database.
"""

import base64
import getpass
import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tools.backup.errors import BackupError
from tools.servers.home import KEYS

PASSPHRASE = "CAUCE_BACKUP_PASSPHRASE"  # noqa: S105
MIN_PASSPHRASE = 12  # characters
COST = 2**15  # scrypt's n: 32 MB and about a tenth of a second for each guess

Keys = dict[str, str]


def keys_dump(keys: Keys, passphrase: str | None) -> bytes:
    """The keys as JSON; with a passphrase only who knows it can read them."""
    if passphrase is None:
        return json.dumps(keys).encode()
    salt = secrets.token_bytes(16)
    sealed = Fernet(_stretched(passphrase, salt, COST)).encrypt(json.dumps(keys).encode())
    return json.dumps({"scrypt": COST, "salt": salt.hex(), "sealed": sealed.decode()}).encode()


def keys_load(content: bytes, passphrase: str | None) -> Keys:
    """Raises BackupError when they are sealed and the passphrase is not theirs."""
    found = json.loads(content)
    if "sealed" not in found:
        return {name: str(value) for name, value in found.items()}
    if passphrase is None:
        raise BackupError(f"The keys in this backup are sealed. Give --passphrase-file FILE, or set {PASSPHRASE}.")
    box = Fernet(_stretched(passphrase, bytes.fromhex(found["salt"]), int(found["scrypt"])))
    try:
        return {name: str(value) for name, value in json.loads(box.decrypt(found["sealed"].encode())).items()}
    except InvalidToken as error:
        raise BackupError("The passphrase is not the one the keys of this backup were sealed with.") from error


def _stretched(passphrase: str, salt: bytes, cost: int) -> bytes:
    return base64.urlsafe_b64encode(Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode()))


def passphrase_given(file: Path | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The passphrase from a file's first line or from CAUCE_BACKUP_PASSPHRASE; None when neither is given.

    Raises BackupError when it is too short to keep anybody out.
    """
    try:
        given = file.read_text().split("\n", 1)[0].strip() if file else environment.get(PASSPHRASE)
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}.") from error
    if given is not None and len(given) < MIN_PASSPHRASE:
        raise BackupError(f"A passphrase has {MIN_PASSPHRASE} characters at least. Some random words make a good one.")
    return given


def passphrase_asked() -> str | None:
    """The passphrase as typed by the person at the terminal; None where there is none."""
    return getpass.getpass("Passphrase of the backup: ") if sys.stdin.isatty() else None


def keys_that_differ(keys: Keys, environment: Mapping[str, str]) -> list[str]:
    """The names of keys that the environment sets to something else than the backup; more earlier keys are no harm."""
    named = {name: environment[name] for name in KEYS[:3] if environment.get(name)}
    if "SECRET_KEY" in named:
        named = dict.fromkeys(KEYS[:3], named["SECRET_KEY"]) | named
    names = [name for name, value in named.items() if keys[name] != value]
    if "SECRET_KEY" in named and _earlier(keys) - _earlier(environment):
        names.append(KEYS[3])
    return names


def _earlier(keys: Mapping[str, str]) -> set[str]:
    return set(filter(None, keys.get(KEYS[3], "").split(",")))


def keys_write(path: Path, keys: Keys) -> None:
    """As lines for the environment of a service; only its owner reads the file."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}={json.dumps(value)}\n" for name, value in keys.items() if value)
