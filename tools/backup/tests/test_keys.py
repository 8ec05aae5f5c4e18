"""The keys of a backup: sealed or open, in agreement with the environment, written for a service."""

from pathlib import Path

import pytest

from tools.backup.errors import BackupError
from tools.backup.keys import (
    PASSPHRASE,
    keys_dump,
    keys_load,
    keys_that_differ,
    keys_write,
    passphrase_given,
)

KEYS = {"SECRET_KEY": "one", "SUPPRESSION_KEY": "two", "SECRETS_KEY": "three", "SECRET_KEY_FALLBACKS": "old,older"}
SAME = dict.fromkeys(("SECRET_KEY", "SUPPRESSION_KEY", "SECRETS_KEY"), "one") | {"SECRET_KEY_FALLBACKS": ""}
WORDS = "correct horse battery"


def test_sealed_keys_open_with_their_passphrase_alone() -> None:
    sealed = keys_dump(KEYS, WORDS)
    for value in KEYS.values():
        assert f'"{value}"'.encode() not in sealed
    assert keys_load(sealed, WORDS) == KEYS
    with pytest.raises(BackupError, match="is not the one the keys of this backup were sealed with"):
        keys_load(sealed, "correct horse batter")
    with pytest.raises(BackupError, match=r"are sealed\. Give --passphrase-file"):
        keys_load(sealed, None)


def test_open_keys_need_none() -> None:
    assert keys_load(keys_dump(KEYS, None), None) == keys_load(keys_dump(KEYS, None), WORDS) == KEYS


def test_where_the_passphrase_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(f"{WORDS}\nnot this\n")
    assert passphrase_given(file, {PASSPHRASE: "something else entirely"}) == WORDS
    assert passphrase_given(None, {PASSPHRASE: WORDS}) == WORDS
    assert passphrase_given(None, {}) is None
    with pytest.raises(BackupError, match="12 characters at least"):
        passphrase_given(None, {PASSPHRASE: "short"})
    with pytest.raises(BackupError, match="cannot be read"):
        passphrase_given(tmp_path / "none", {})


@pytest.mark.parametrize(
    ("keys", "environment", "names"),
    [
        (KEYS, {}, []),
        (KEYS, KEYS, []),
        (SAME, {"SECRET_KEY": "one"}, []),
        (KEYS, {"SECRET_KEY": "one"}, ["SUPPRESSION_KEY", "SECRETS_KEY", "SECRET_KEY_FALLBACKS"]),
        (KEYS, KEYS | {"SECRETS_KEY": "other"}, ["SECRETS_KEY"]),
        (KEYS, KEYS | {"SECRET_KEY_FALLBACKS": "newer,old,older"}, []),
        (KEYS, KEYS | {"SECRET_KEY_FALLBACKS": "old"}, ["SECRET_KEY_FALLBACKS"]),
        (KEYS, {"SUPPRESSION_KEY": "other"}, ["SUPPRESSION_KEY"]),
    ],
)
def test_the_environment_may_not_say_something_else(
    keys: dict[str, str], environment: dict[str, str], names: list[str]
) -> None:
    assert keys_that_differ(keys, environment) == names


def test_as_a_service_reads_them(tmp_path: Path) -> None:
    keys_write(tmp_path / "keys.env", KEYS | {"SECRETS_KEY": 'with "quotes" and #', "SECRET_KEY_FALLBACKS": ""})
    assert (tmp_path / "keys.env").read_text().splitlines() == [
        'SECRET_KEY="one"', 'SUPPRESSION_KEY="two"', 'SECRETS_KEY="with \\"quotes\\" and #"',
    ]  # fmt: skip
    assert (tmp_path / "keys.env").stat().st_mode & 0o777 == 0o600
