"""The list of people who sign in."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.people.models import Team, User
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter, ChoiceFilter
from core.ui.tables.table import Table


def _teams() -> list[tuple[str, str]]:
    teams = [(str(team.pk), team.name) for team in Team.objects.all()]
    return [("none", _now("No team")), *teams] if teams else []


def _access(person: User) -> str:
    return _now("active") if person.is_active else _now("revoked")


class PeopleTable(Table[User]):
    name = "people"
    title = _("Users")
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
        Column("since", _("Created on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
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
            blank=pgettext_lazy("people", "Active users"),
            archived=Q(is_active=False),
            archived_label=_("Access revoked"),
            both_label=_("All users"),
        ),
    )
    search_fields = ("full_name", "email")
    search_label = _("Name or e-mail")
    default_sort = "name"
    bulk_actions = (
        BulkAction("deactivate", _("Revoke access"), "people_deactivate", "user-off", archived=False),
        BulkAction("reactivate", _("Restore access"), "people_reactivate", "user-check", archived=True),
    )
    empty = Empty(
        _("No users yet"),
        _("Users with access appear here with their roles."),
        "users",
        _("Invite user"),
        "invitation_create",
    )

    def row_url(self, row: User) -> str:
        return reverse("person_change", args=[row.public_id])
