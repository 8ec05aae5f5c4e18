"""Sealed secrets: unreadable in the database, readable with the key, also after it was changed in order."""

import pytest
from pytest_django import Settings

from core.errors import DomainError
from core.secrets import secret_open, secret_seal


def test_a_sealed_secret_is_opened_again_and_shows_nothing() -> None:
    sealed = secret_seal("smtp://me:hunter2@mail.example")
    assert "hunter2" not in sealed
    assert secret_open(sealed) == "smtp://me:hunter2@mail.example"
    assert secret_open(secret_seal("")) == ""


def test_another_key_opens_nothing_and_an_earlier_one_does(settings: Settings) -> None:
    sealed = secret_seal("secret")
    before, settings.SECRETS_KEY = settings.SECRETS_KEY, "another"
    with pytest.raises(DomainError) as refused:
        secret_open(sealed)
    assert refused.value.code == "secret_unreadable"
    settings.SECRET_KEY_FALLBACKS = [before]
    assert secret_open(sealed) == "secret"
