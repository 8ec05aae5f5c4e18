"""The lists of people who sign in, and of a person's API tokens."""

from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import ApiToken, Team, User
from core.ui.tables import ArchivedFilter, BulkAction, ChoiceFilter, Column, Empty, Kind, Table


def _teams() -> list[tuple[str, str]]:
    teams = [(str(team.pk), team.name) for team in Team.objects.all()]
    return [("none", _now("No team")), *teams] if teams else []


def _access(person: User) -> str:
    return _now("may sign in") if person.is_active else _now("ended")


class PeopleTable(Table[User]):
    name = "people"
    title = _("People")
    columns = (
        Column("name", _("Name"), value="full_name", sort="full_name", link=True, phone="title"),
        Column("email", _("E-mail"), sort="email", phone="detail", clip=True),
        Column("role", _("Role"), value="get_role_display", sort="role", phone="note", nowrap=True),
        Column("team", _("Team"), value="team.name", sort="team__name", nowrap=True),
        Column("seen", _("Last sign-in"), value="last_login", kind=Kind.MOMENT, sort="last_login", missing=_("never")),
        Column(
            "access",
            _("Access"),
            value=_access,
            sort="is_active",
            phone="value",
            tone=lambda person: "good" if person.is_active else "",
        ),
        Column("language", _("Language"), value="get_language_display", sort="language", default=False),
        Column("since", _("Here since"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        ChoiceFilter(code="role", label=_("Role"), choices=User.Role.choices),
        ChoiceFilter(
            code="team",
            label=_("Team"),
            choices=_teams,
            where=lambda value: Q(team=None) if value == "none" else Q(team=value),
        ),
        ArchivedFilter(
            code="access",
            label=_("Access"),
            blank=pgettext_lazy("people", "May sign in"),
            archived=Q(is_active=False),
            archived_label=_("Access ended"),
            both_label=_("Everybody"),
        ),
    )
    search_fields = ("full_name", "email")
    search_label = _("Name or e-mail")
    default_sort = "name"
    bulk_actions = (
        BulkAction("deactivate", _("End their access"), "people_deactivate", "user-off", archived=False),
        BulkAction("reactivate", _("Let them sign in again"), "people_reactivate", "user-check", archived=True),
    )
    empty = Empty(
        _("Nobody works here yet"),
        _("Everyone who may sign in stands here, with what each of them may do."),
        "users",
        _("Invite a person"),
        "invitation_create",
    )

    def row_url(self, row: User) -> str:
        return reverse("person_change", args=[row.public_id])


def _token_state(token: ApiToken) -> str:
    if token.revoked_at:
        return _now("revoked")
    return _now("expired") if _is_over(token) else _now("works")


def _is_over(token: ApiToken) -> bool:
    return token.expires_at is not None and token.expires_at <= timezone.now()


class TokenTable(Table[ApiToken]):
    name = "tokens"
    title = _("API tokens")
    columns = (
        Column("name", _("Name"), sort="name", link=True, template="accounts/_token_name.html", phone="title"),
        Column(
            "scopes",
            _("It may"),
            value=lambda token: ", ".join(token.scopes),
            template="accounts/_token_scopes.html",
            phone="detail",
        ),
        Column("made", pgettext_lazy("token", "Made"), value="created_at", kind=Kind.DAY, sort="created_at"),
        Column(
            "expires",
            _("Works until"),
            value="expires_at",
            kind=Kind.MOMENT,
            sort="expires_at",
            missing=_("you revoke it"),
            phone="note",
        ),
        Column("used", _("Last used"), value="last_used_at", kind=Kind.MOMENT, sort="last_used_at", missing=_("never")),
        Column(
            "state",
            _("State"),
            value=_token_state,
            phone="value",
            tone=lambda token: "bad" if token.revoked_at else "warn" if _is_over(token) else "good",
        ),
    )
    filters = (
        ArchivedFilter(
            code="state",
            label=_("State"),
            blank=_("In use"),
            archived=Q(revoked_at__isnull=False) | Q(expires_at__lte=Now()),
            archived_label=_("Revoked or expired"),
            both_label=pgettext_lazy("tokens", "All of them"),
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
            confirm=_("Programs that use them are turned away from this moment on. A revoked token never works again."),
            archived=False,
        ),
    )
    empty = Empty(
        _("No tokens in use"),
        _("A token lets a spreadsheet, a BI tool or a script read the figures without your password."),
        "key",
        _("Make a token"),
        "token_create",
    )
