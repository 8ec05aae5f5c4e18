"""E-mail addresses: one way to tell whether two are the same, and a keyed hash that outlives the address."""

import hashlib
import hmac
import unicodedata
from functools import lru_cache

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _


def normalize_address(text: str) -> str:
    """The normal form of an address: NFC, lower case, the domain in IDNA; dots and plus-tags are kept.

    Raises ValidationError when `text` is not an address of one person.
    """
    typed = unicodedata.normalize("NFC", text.strip())
    local, at, domain = typed.rpartition("@")
    ascii_domain = _ascii_domain(domain) if at and local and domain else ""
    if not ascii_domain:
        raise _invalid_address(text)
    # Django's validator knows ASCII local parts; a local part in another script is judged by its shape alone.
    probe = local if local.isascii() else "local"
    if any(char.isspace() or not char.isprintable() or char in '<>()[]\\,;:"@' for char in local):
        raise _invalid_address(text)
    try:
        validate_email(f"{probe}@{ascii_domain}")
    except ValidationError:
        raise _invalid_address(text) from None
    normalized = f"{local.lower()}@{ascii_domain}"
    if len(normalized.encode()) > 254:
        raise _invalid_address(text)
    return normalized


def _invalid_address(text: str) -> ValidationError:
    return ValidationError(_("“%(address)s” is not a valid e-mail address."), code="invalid", params={"address": text})


@lru_cache(maxsize=10_000)
def _ascii_domain(domain: str) -> str:
    """A domain in IDNA, empty when it is none; remembered, as a list's people share a few."""
    try:
        return idna.encode(domain.rstrip("."), uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""


def address_hash(normalized: str) -> str:
    """HMAC-SHA-256 (hex) of a normalised address under `SUPPRESSION_KEY`: the same for ever, useless to a thief."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), normalized.encode(), hashlib.sha256).hexdigest()
