"""How API clients prove who they are and what they may do."""

import hashlib
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.people.models import User
from accounts.tokens.models import ApiToken

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ApiRequest(Request):
    """What an API view is given: `HasScope` lets nobody else through, so the person is known. Only for annotations."""

    user: User


def token_digest(secret: str) -> str:
    """What is stored of an API token: SHA-256 in hex (the token itself carries 256 random bits)."""
    return hashlib.sha256(secret.encode()).hexdigest()


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cauce_…`. Revoked, expired and unknown tokens are 401."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("Write the header as “Authorization: Bearer <token>”."))
        digest = token_digest(parts[1].decode("ascii", "replace"))
        token = ApiToken.objects.usable().select_related("user").filter(token_hash=digest).first()
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, expired or revoked."))
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """Signed in; and with a token, only where the view's `required_scope` is among the token's scopes."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        token: Any = request.auth
        if not isinstance(token, ApiToken):
            return True
        scope = getattr(view, "required_scope", None)
        return scope is None or scope in token.scopes
