"""Signing messages with DKIM (RFC 6376, Ed25519 by RFC 8463): relaxed/relaxed, over the headers receivers look at.

A signer belongs to one run of a worker. Its keys are read once, the canonical form of headers that are the same for
every recipient is kept; per message there remain one hash of the body and one signature per key.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.errors import DomainError, TransportError
from core.secrets import secret_open
from delivery.domains.models import DkimKey, domain_of

# From twice: nobody can add a second one. The rest once each, where the message has it.
SIGNED = (
    "from", "from", "to", "subject", "date", "message-id", "reply-to", "list-unsubscribe", "list-unsubscribe-post",
    "feedback-id", "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
SAME_FOR_ALL = frozenset(
    {"from", "date", "reply-to", "list-unsubscribe-post", "feedback-id", "mime-version", "content-type"}
)
FOLD = 72
PADDING, HASHED = padding.PKCS1v15(), utils.Prehashed(SHA256())


@dataclass(frozen=True)
class SigningKey:
    """A key in memory: under which selector it signs, and with what."""

    selector: str
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519-sha256"

    def sign(self, digest: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(digest, PADDING, HASHED)
        return self.private.sign(digest)


class Signer:
    """Signs every message of one domain, once with each of its keys."""

    def __init__(self, domain: str, keys: list[SigningKey], *, at: datetime) -> None:
        self.domain, self.keys, self.at = domain, keys, int(at.timestamp())
        self.same: dict[bytes, tuple[str, bytes]] = {}
        self.openings: dict[tuple[str, ...], list[tuple[SigningKey, bytes, bytes]]] = {}

    def signed(self, message: bytes) -> bytes:
        """The message with its signatures in front; it is not dot-stuffed yet and ends with CRLF."""
        end = message.index(b"\r\n\r\n")
        fields = self._fields(message[: end + 2])
        names = tuple(name for name in SIGNED if name in fields)
        once = dict.fromkeys(names)
        covered = sha256(b"".join([fields[name] for name in once]))
        body_hash = b64encode(sha256(relaxed_body(message[end + 4 :])).digest())
        signatures = []
        for key, opening, canonical in self._openings(names):
            digest = covered.copy()
            digest.update(canonical + body_hash + b"; b=")
            value = b64encode(key.sign(digest.digest()))
            folded = b"\r\n ".join(value[at : at + FOLD] for at in range(0, len(value), FOLD))
            signatures.append(b"%b%b; b=\r\n %b\r\n" % (opening, body_hash, folded))
        return b"".join((*signatures, message))

    def _fields(self, head: bytes) -> dict[str, bytes]:
        """The canonical headers by name. A folded one is unfolded first."""
        fields = {}
        if b"\r\n " in head or b"\r\n\t" in head:
            head = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
        for line in head.split(b"\r\n")[:-1]:
            known = self.same.get(line)
            if known is None:
                name, canonical = relaxed_header(line)
                known = (name, canonical)
                if name in SAME_FOR_ALL:
                    self.same[line] = known
            fields[known[0]] = known[1]
        return fields

    def _openings(self, names: tuple[str, ...]) -> list[tuple[SigningKey, bytes, bytes]]:
        """Per key the beginning of its header up to the body's hash, as it is sent and as it is signed."""
        found = self.openings.get(names)
        if found is None:
            found = self.openings[names] = []
            for key in self.keys:
                lines = (
                    f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={self.domain}; s={key.selector}; t={self.at};",
                    f"h={':'.join(names)};",
                    "bh=",
                )
                sent = "DKIM-Signature: " + "\r\n ".join(lines)
                found.append((key, sent.encode(), f"dkim-signature:{' '.join(lines)}".encode()))
        return found


def relaxed_header(line: bytes) -> tuple[str, bytes]:
    """An unfolded header as it is signed: the name in small letters, runs of blanks as one, none at the ends."""
    name, _, value = line.partition(b":")
    lowered = name.strip().lower()
    return lowered.decode("ascii", "replace"), b"%b:%b\r\n" % (lowered, single_blanks(value).strip(b" "))


def single_blanks(text: bytes) -> bytes:
    """Runs of blanks as one: each pass halves them, several times faster than a pattern."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def relaxed_body(body: bytes) -> bytes:
    """A body as it is signed: runs of blanks as one, none at line ends, no empty lines at its end."""
    body = single_blanks(body).replace(b" \r\n", b"\r\n")
    body = body.rstrip(b"\r\n") if body.endswith(b"\r\n\r\n") or body == b"\r\n" else body
    return body if not body or body.endswith(b"\r\n") else body + b"\r\n"


def signer_of(address: str, *, at: datetime) -> Signer | None:
    """Who signs messages from `address`; None when nobody does.

    Raises TransportError (permanent) when a key cannot be read: an unsigned message would fail its own DMARC.
    """
    domain = domain_of(address)
    keys = list(DkimKey.objects.in_use().filter(domain__name=domain))
    if not keys:
        return None
    try:
        return Signer(domain, [SigningKey(key.selector, _private(key.sealed)) for key in keys], at=at)
    except (DomainError, ValueError) as error:
        raise TransportError(f"DKIM {keys[0].host}: {error}", permanent=True) from error


@lru_cache(maxsize=64)
def _private(sealed: str) -> rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey:
    """Opened once per process; it was made and checked here."""
    private = load_pem_private_key(secret_open(sealed).encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError("neither RSA nor Ed25519")
    return private
