"""Joining by invitation: a link with a secret, of which only a hash is kept, good once and for seven days."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.company.models import Company
from accounts.people.models import Invitation, Team, User
from accounts.people.services.people import user_create
from core.errors import Conflict, DomainError
from core.mail.transactional import mail_send

VALID_FOR = timedelta(days=7)


def invitation_digest(secret: str) -> str:
    """What is stored of the link's secret: SHA-256 in hex (the secret carries 256 random bits)."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invitation_create(
    *, email: str, role: str, actor: User, full_name: str = "", team: Team | None = None, language: str = "en"
) -> Invitation:
    """Invite a person by mail in `language`. An open invitation to the same address is replaced. Raises
    `email_taken` when somebody already signs in with the address."""
    email = email.strip().lower()
    if User.objects.filter(email=email).exists():
        text = _("This e-mail address already has an account.")
        raise DomainError(text, code="email_taken", fields={"email": text})
    Invitation.objects.open().filter(email=email).update(revoked_at=timezone.now())
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        email=email,
        full_name=full_name.strip(),
        role=role,
        team=team,
        language=language,
        token_hash=invitation_digest(secret),
        invited_by=actor,
        expires_at=timezone.now() + VALID_FOR,
    )
    _send(invitation, secret, actor)
    audit_record(actor=actor, action="invitation_create", subject=invitation, changes={"role": (None, role)})
    return invitation


@transaction.atomic
def invitation_resend(*, invitation: Invitation, actor: User) -> Invitation:
    """A new link for another seven days; the old one stops working. Raises `invitation_closed`."""
    invitation = _locked_open(invitation)
    secret = secrets.token_urlsafe(32)
    invitation.token_hash = invitation_digest(secret)
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.save(update_fields=["token_hash", "expires_at"])
    _send(invitation, secret, actor)
    audit_record(actor=actor, action="invitation_resend", subject=invitation)
    return invitation


@transaction.atomic
def invitation_revoke(*, invitation: Invitation, actor: User) -> Invitation:
    """Take an invitation back: its link stops working. Raises `invitation_closed`."""
    invitation = _locked_open(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    audit_record(actor=actor, action="invitation_revoke", subject=invitation)
    return invitation


@transaction.atomic
def invitation_accept(*, secret: str, full_name: str, password: str, language: str) -> User:
    """Make the person of an open invitation. Raises `invitation_closed` for a used, revoked, expired or unknown link,
    `password_weak`, `email_taken`."""
    digest = invitation_digest(secret)
    invitation = Invitation.objects.select_for_update(of=("self",)).open().filter(token_hash=digest).first()
    if invitation is None:
        raise Conflict(
            _("This invitation was used or revoked, or is older than seven days. Ask for a new invitation."),
            code="invitation_closed",
        )
    user = user_create(
        email=invitation.email,
        full_name=full_name,
        role=invitation.role,
        team=invitation.team,
        language=language,
        password=password,
        actor=None,
    )
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    audit_record(actor=user, action="invitation_accept", subject=invitation)
    return user


def _locked_open(invitation: Invitation) -> Invitation:
    locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if locked.accepted_at or locked.revoked_at:
        raise Conflict(_("This invitation was already accepted or revoked."), code="invitation_closed")
    return locked


def _send(invitation: Invitation, secret: str, actor: User) -> None:
    with translation.override(invitation.language):
        role = str(User.Role(invitation.role).label)
    mail_send(
        template="invitation",
        to=invitation.email,
        language=invitation.language,
        context={
            "name": invitation.full_name,
            "inviter": actor.full_name,
            "company": Company.get().name,
            "role": role,
            "days": VALID_FOR.days,
            "url": settings.BASE_URL + reverse("invitation_accept", kwargs={"secret": secret}),
        },
    )
