"""The names of actions in the audit trail, as people read them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

action_titles: dict[str, str | Promise] = {
    "contact_archive": _("Archived a contact"),
    "contact_create": _("Added a contact"),
    "contact_restore": _("Restored a contact"),
    "contact_update": _("Changed a contact"),
    "company_change": _("Changed the company's settings"),
    "invitation_accept": _("Accepted an invitation"),
    "invitation_create": _("Invited"),
    "invitation_resend": _("Invited again"),
    "invitation_revoke": _("Took an invitation back"),
    "minilist_assign": _("Assigned a customer"),
    "minilist_release": _("Freed a customer"),
    "minilist_hand_over": _("Handed customers over"),
    "profile_change": _("Changed their profile"),
    "sessions_end": _("Signed out everywhere"),
    "team_create": _("Made a team"),
    "team_delete": _("Removed a team"),
    "team_rename": _("Renamed a team"),
    "token_create": _("Made an API token"),
    "token_revoke": _("Revoked an API token"),
    "user_change": _("Changed a person"),
    "user_create": _("Added a person"),
    "user_deactivate": _("Ended a person's access"),
    "user_reactivate": _("Let a person sign in again"),
}

# What kind of thing was changed, by model label; apps add theirs.
object_titles: dict[str, str | Promise] = {
    "accounts.apitoken": _("API token"),
    "accounts.company": _("Company"),
    "accounts.invitation": _("Invitation"),
    "accounts.team": _("Team"),
    "accounts.user": _("Person"),
    "crm.contact": _("Contact"),
}


def action_title(code: str) -> str:
    """The sentence for an action; apps add theirs to `titles`. A code nobody named reads as its words."""
    return str(action_titles.get(code) or code.replace("_", " ").capitalize())


def object_title(object_type: str) -> str:
    """The kind of thing behind a model label such as `crm.contact`."""
    return str(object_titles.get(object_type) or object_type.rpartition(".")[2].capitalize())
