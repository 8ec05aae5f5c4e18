"""Opaque public ids, for links and the API; database keys never leave the house."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 14


def public_id() -> str:
    """A random id of 14 characters (69 bits) without look-alike letters."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
