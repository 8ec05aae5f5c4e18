"""Sending domains and their signing keys: made here, published by the person who runs the DNS, then used."""

from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.secrets import secret_seal
from delivery.domains.models import DkimKey, SendingDomain, domain_of

RSA_BITS = 2048
Algorithm, State = DkimKey.Algorithm, DkimKey.State


def domain_ensure(*, address: str) -> SendingDomain:
    """The sending domain of an address, noted when it is new."""
    return SendingDomain.objects.get_or_create(name=domain_of(address))[0]


@transaction.atomic
def domain_update(*, domain: SendingDomain, is_signed: bool, provider_selectors: str, actor: User) -> SendingDomain:
    """Say whether our keys sign, and under which selectors a provider does.

    Raises DomainError `dkim_key_missing` when it should sign and no key does yet.
    """
    before = (domain.is_signed, domain.provider_selectors)
    if is_signed and not domain.keys.filter(state=State.ACTIVE).exists():
        message = _("No signing key yet. Create a key, publish its record, then activate the key.")
        raise DomainError(message, code="dkim_key_missing", fields={"is_signed": message})
    domain.is_signed, domain.provider_selectors = is_signed, provider_selectors.strip()
    domain.save(update_fields=["is_signed", "provider_selectors"])
    after = (domain.is_signed, domain.provider_selectors)
    names = ("is_signed", "provider_selectors")
    changes = {name: (old, new) for name, old, new in zip(names, before, after, strict=True) if old != new}
    audit_record(actor=actor, action="sending_domain_update", subject=domain, changes=changes)
    return domain


@transaction.atomic
def dkim_key_make(*, domain: SendingDomain, algorithm: str = Algorithm.RSA, actor: User | None) -> DkimKey:
    """Prepare a key under a new selector; it signs only once it is activated.

    Raises Conflict `dkim_key_waits` while another one of the kind is prepared.
    """
    if domain.keys.filter(state=State.PREPARED, algorithm=algorithm).exists():
        message = _("A key of this type already exists. Publish its record and activate the key.")
        raise Conflict(message, code="dkim_key_waits")
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if algorithm == Algorithm.RSA:
        private = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        private = ed25519.Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = DkimKey.objects.create(
        domain=domain,
        selector=_selector(domain, algorithm),
        algorithm=algorithm,
        public=b64encode(public).decode(),
        sealed=secret_seal(pem),
    )
    audit_record(actor=actor, action="dkim_key_make", subject=key)
    return key


@transaction.atomic
def dkim_key_activate(*, key: DkimKey, actor: User | None) -> DkimKey:
    """Sign with this key from the next run of a worker on; the one before leaves, its record stays for a while.

    Raises Conflict `dkim_key_not_waiting`.
    """
    SendingDomain.objects.select_for_update().get(pk=key.domain_id)
    DkimKey.objects.filter(domain=key.domain_id, algorithm=key.algorithm, state=State.ACTIVE).exclude(pk=key.pk).update(
        state=State.LEAVING
    )
    waiting = DkimKey.objects.filter(pk=key.pk, state__in=[State.PREPARED, State.LEAVING])
    try:
        with transaction.atomic():
            changed = waiting.update(state=State.ACTIVE, activated_at=timezone.now())
    except IntegrityError:
        changed = 0
    if not changed:
        raise Conflict(_("This key can no longer be activated."), code="dkim_key_not_waiting")
    SendingDomain.objects.filter(pk=key.domain_id).update(is_signed=True)
    key.refresh_from_db()
    audit_record(actor=actor, action="dkim_key_activate", subject=key)
    return key


@transaction.atomic
def dkim_key_retire(*, key: DkimKey, actor: User) -> DkimKey:
    """Throw the private half away; its record may be taken out of the DNS. Raises Conflict `dkim_key_signs`."""
    changed = DkimKey.objects.filter(pk=key.pk, state__in=[State.PREPARED, State.LEAVING]).update(
        state=State.RETIRED, retired_at=timezone.now(), sealed=""
    )
    if not changed:
        raise Conflict(_("This key is active. Activate another key first."), code="dkim_key_signs")
    key.refresh_from_db()
    audit_record(actor=actor, action="dkim_key_retire", subject=key)
    return key


def _selector(domain: SendingDomain, algorithm: str) -> str:
    """A name that tells when it was made: `c202611`, `c202611e` for Ed25519, numbered when there is one already."""
    stem = f"c{timezone.now():%Y%m}{'e' if algorithm == Algorithm.ED25519 else ''}"
    taken = set(domain.keys.filter(selector__startswith=stem).values_list("selector", flat=True))
    return next(name for name in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if name not in taken)
