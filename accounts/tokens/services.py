"""API tokens: made, shown once, revoked."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from accounts.tokens.authentication import token_digest
from accounts.tokens.models import ApiToken
from accounts.tokens.scopes import scopes
from core.errors import Conflict, DomainError

PREFIX = "cauce_"


@transaction.atomic
def token_create(
    *, user: User, name: str, scope_codes: list[str], expires_at: datetime | None, actor: User | None
) -> tuple[ApiToken, str]:
    """A token and its secret, which is not kept. Raises `scope_unknown`, `scope_missing`, `expiry_past`."""
    unknown = [code for code in scope_codes if code not in scopes]
    if unknown:
        text = _("Unknown scope: %(unknown)s. Available scopes: %(known)s.") % {
            "unknown": ", ".join(unknown),
            "known": ", ".join(scope.code for scope in scopes),
        }
        raise DomainError(text, code="scope_unknown", fields={"scopes": text})
    if not scope_codes:
        text = _("Choose at least one permission.")
        raise DomainError(text, code="scope_missing", fields={"scopes": text})
    if expires_at is not None and expires_at <= timezone.now():
        text = _("Choose a day in the future.")
        raise DomainError(text, code="expiry_past", fields={"expires_on": text})
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name.strip(),
        prefix=secret[:12],
        token_hash=token_digest(secret),
        scopes=sorted(set(scope_codes)),
        expires_at=expires_at,
    )
    audit_record(actor=actor, action="token_create", subject=token, changes={"scopes": (None, token.scopes)})
    return token, secret


@transaction.atomic
def tokens_revoke(*, tokens: QuerySet[ApiToken], actor: User) -> int:
    """End several tokens at once; how many still worked."""
    return sum(_revoked(token, actor) for token in tokens)


@transaction.atomic
def token_revoke(*, token: ApiToken, actor: User) -> None:
    """End a token at once. Raises `token_revoked` when it already was."""
    if not _revoked(token, actor):
        raise Conflict(_("This token was already revoked."), code="token_revoked")


def tokens_end(user: User) -> int:
    """Revoke every token of a user whose access ends; how many still worked."""
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def _revoked(token: ApiToken, actor: User) -> bool:
    """Whether the token worked until now."""
    done = bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))
    if done:
        audit_record(actor=actor, action="token_revoke", subject=token)
    return done
