"""The entry of Settings for API tokens; their words in the audit trail."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import is_signed_in
from accounts.audit.subjects import AuditField, audit_subject
from accounts.audit.titles import action_titles
from accounts.people.access_end import AccessEnd, access_ends
from accounts.tokens.forms import TokenForm
from accounts.tokens.scopes import scopes
from accounts.tokens.services import tokens_end
from core.ui.navigation import NavigationEntry, navigation


def scope_titles(codes: Any) -> str:
    """What a token may do, in words; old entries keep the codes as one text."""
    listed = codes.split(", ") if isinstance(codes, str) else codes
    return ", ".join(str(scopes[code].title) if code in scopes else code for code in listed)


access_ends.register(AccessEnd("tokens", tokens_end))
navigation.register(NavigationEntry("tokens", "settings", _("API tokens"), "token_list", 20, is_signed_in))
action_titles.update({"token_create": _("API token created"), "token_revoke": _("API token revoked")})
audit_subject(
    "accounts.apitoken", _("API token"), forms=[TokenForm], fields={"scopes": AuditField(_("Scopes"), scope_titles)}
)
