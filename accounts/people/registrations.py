"""The entries of Settings about people: one's own profile, the people, the teams; their words in the audit trail."""

from django.utils.translation import gettext_lazy as _

from accounts.access import is_director, is_signed_in
from accounts.audit.subjects import audit_subject
from accounts.audit.titles import action_titles
from accounts.people.forms import InvitationForm, PersonForm, ProfileForm, TeamForm
from core.ui.navigation import NavigationEntry, navigation

navigation.register(NavigationEntry("profile", "settings", _("Profile"), "profile", 10, is_signed_in))
navigation.register(NavigationEntry("people", "settings", _("Users"), "people_list", 30, is_director))
navigation.register(NavigationEntry("teams", "settings", _("Teams"), "team_list", 40, is_director))
action_titles.update(
    {
        "invitation_accept": _("Invitation accepted"),
        "invitation_create": _("Invitation sent"),
        "invitation_resend": _("Invitation resent"),
        "invitation_revoke": _("Invitation revoked"),
        "profile_change": _("Profile edited"),
        "sessions_end": _("Sessions ended"),
        "team_create": _("Team created"),
        "team_delete": _("Team deleted"),
        "team_rename": _("Team renamed"),
        "user_change": _("User edited"),
        "user_create": _("User added"),
        "user_deactivate": _("Access revoked"),
        "user_reactivate": _("Access restored"),
    }
)
audit_subject("accounts.user", _("User"), forms=[PersonForm, ProfileForm])
audit_subject("accounts.invitation", _("Invitation"), forms=[InvitationForm])
audit_subject("accounts.team", _("Team"), forms=[TeamForm])
