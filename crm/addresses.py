"""E-mail addresses: one way to tell whether two are the same, and a keyed hash that outlives the address."""

import hashlib
import hmac
import unicodedata

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
    invalid = ValidationError(_("“%(address)s” is not an e-mail address."), code="invalid", params={"address": text})
    if not at or not local or not domain:
        raise invalid
    try:
        ascii_domain = idna.encode(domain.rstrip("."), uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise invalid from None
    # Django's validator knows ASCII local parts; a local part in another script is judged by its shape alone.
    probe = local if local.isascii() else "local"
    if any(char.isspace() or not char.isprintable() or char in '<>()[]\\,;:"@' for char in local):
        raise invalid
    try:
        validate_email(f"{probe}@{ascii_domain}")
    except ValidationError:
        raise invalid from None
    normalized = f"{local.lower()}@{ascii_domain}"
    if len(normalized.encode()) > 254:
        raise invalid
    return normalized


def address_hash(normalized: str) -> str:
    """HMAC-SHA-256 (hex) of a normalised address under `SUPPRESSION_KEY`: the same for ever, useless to a thief."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), normalized.encode(), hashlib.sha256).hexdigest()
