"""The list of a person's API tokens."""

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.tokens.models import ApiToken
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter
from core.ui.tables.table import Table


def _token_state(token: ApiToken) -> str:
    if token.revoked_at:
        return _now("revoked")
    return _now("expired") if _is_expired(token) else _now("active")


def _is_expired(token: ApiToken) -> bool:
    return token.expires_at is not None and token.expires_at <= timezone.now()


class TokenTable(Table[ApiToken]):
    name = "tokens"
    title = _("API tokens")
    columns = (
        Column("name", _("Name"), sort="name", link=True, template="accounts/tokens/_name.html", phone="title"),
        Column(
            "scopes",
            _("Permissions"),
            value=lambda token: ", ".join(token.scopes),
            template="accounts/tokens/_scopes.html",
            phone="detail",
        ),
        Column("made", pgettext_lazy("token", "Created on"), value="created_at", kind=Kind.DAY, sort="created_at"),
        Column(
            "expires",
            _("Expires on"),
            value="expires_at",
            kind=Kind.MOMENT,
            sort="expires_at",
            missing=_("no expiry date"),
            phone="note",
        ),
        Column("used", _("Last used"), value="last_used_at", kind=Kind.MOMENT, sort="last_used_at", missing=_("never")),
        Column(
            "state",
            _("State"),
            value=_token_state,
            phone="value",
            tone=lambda token: "bad" if token.revoked_at else "warn" if _is_expired(token) else "good",
        ),
    )
    filters = (
        ArchivedFilter(
            code="state",
            label=_("State"),
            blank=_("Active tokens"),
            archived=Q(revoked_at__isnull=False) | Q(expires_at__lte=Now()),
            archived_label=_("Revoked or expired"),
            both_label=pgettext_lazy("tokens", "All tokens"),
        ),
    )
    default_sort = "-made"
    exportable = False
    bulk_actions = (
        BulkAction(
            "revoke",
            _("Revoke"),
            "tokens_revoke",
            "key-off",
            confirm=_("Programs that use these tokens lose access immediately. A revoked token cannot be restored."),
            archived=False,
        ),
    )
    empty = Empty(
        _("No active tokens"),
        _("A token lets a spreadsheet, a BI tool or a script read the figures without your password."),
        "key",
        _("Create token"),
        "token_create",
    )
