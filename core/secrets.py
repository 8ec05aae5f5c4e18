"""Secrets that must be read again (mail passwords, signing keys), kept sealed in the database.

A backup of the database alone does not give them away: the key is `SECRETS_KEY`, which stands in the environment.
Earlier keys in `SECRET_KEY_FALLBACKS` still open what they sealed.
"""

import base64
import hashlib
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError


def secret_seal(text: str) -> str:
    """The text as it may be stored; an empty one stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def secret_open(sealed: str) -> str:
    """What was sealed. Raises DomainError `secret_unreadable` when the key is not the one it was sealed with."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise DomainError(
            _("A stored password or key cannot be read: SECRETS_KEY is not the one it was stored with."),
            code="secret_unreadable",
        ) from error


def _box() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in (settings.SECRETS_KEY, *settings.SECRET_KEY_FALLBACKS)])


@cache
def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.blake2b(key.encode(), digest_size=32).digest()))
