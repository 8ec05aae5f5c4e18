"""The names of actions in the audit trail, as people read them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

action_titles: dict[str, str | Promise] = {
    "contact_archive": _("Contact archived"),
    "contact_create": _("Contact added"),
    "contact_restore": _("Contact restored"),
    "contact_update": _("Contact edited"),
    "company_change": _("Company settings changed"),
    "invitation_accept": _("Invitation accepted"),
    "invitation_create": _("Invitation sent"),
    "invitation_resend": _("Invitation resent"),
    "invitation_revoke": _("Invitation revoked"),
    "minilist_assign": _("Customer assigned"),
    "minilist_release": _("Customer unassigned"),
    "minilist_hand_over": _("Customers handed over"),
    "profile_change": _("Profile edited"),
    "sessions_end": _("Sessions ended"),
    "team_create": _("Team created"),
    "team_delete": _("Team deleted"),
    "team_rename": _("Team renamed"),
    "token_create": _("API token created"),
    "token_revoke": _("API token revoked"),
    "user_change": _("User edited"),
    "user_create": _("User added"),
    "user_deactivate": _("Access revoked"),
    "user_reactivate": _("Access restored"),
}

# What kind of thing was changed, by model label; apps add theirs.
object_titles: dict[str, str | Promise] = {
    "accounts.apitoken": _("API token"),
    "accounts.company": _("Company"),
    "accounts.invitation": _("Invitation"),
    "accounts.team": _("Team"),
    "accounts.user": _("User"),
    "crm.contact": _("Contact"),
}


def action_title(code: str) -> str:
    """The sentence for an action; apps add theirs to `titles`. A code nobody named reads as its words."""
    return str(action_titles.get(code) or code.replace("_", " ").capitalize())


def object_title(object_type: str) -> str:
    """The kind of thing behind a model label such as `crm.contact`."""
    return str(object_titles.get(object_type) or object_type.rpartition(".")[2].capitalize())
