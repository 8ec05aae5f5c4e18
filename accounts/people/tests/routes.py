"""What the pages of signing in, profile, people and teams promise to whom."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from accounts.people.models import Invitation, Team
from accounts.people.services.invitations import invitation_create
from accounts.people.tests.factories import UserFactory
from core.mail.models import TransactionalMail
from tests.matrix.registry import DIRECTORS, EVERYONE, PUBLIC, Cast, Route


def _reset_link(cast: Cast) -> dict[str, str]:
    return {"uidb36": "zz", "key": "set-password"}


def _with_app(cast: Cast) -> dict[str, str]:
    """Whoever asks confirms their sign-in with an app and has recovery codes."""
    if cast.asking and not Authenticator.objects.filter(user=cast.asking).exists():
        TOTP.activate(cast.asking, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(cast.asking)
    return {}


def _invitation(cast: Cast) -> Invitation:
    return invitation_create(email="new@company.example", role="analyst", actor=cast.director)


def _invitation_kwargs(cast: Cast) -> dict[str, str]:
    return {"public_id": _invitation(cast).public_id}


def _invitation_secret(cast: Cast) -> dict[str, str]:
    """The link of an open invitation, read from the mail that waits."""
    _invitation(cast)
    url: str = TransactionalMail.objects.latest("pk").context["url"]
    return {"secret": url.rstrip("/").rsplit("/", 1)[-1]}


def _join(cast: Cast) -> dict[str, str]:
    password = "correct horse battery"
    return {"full_name": "Nora New", "language": "es", "password": password, "password_again": password}


def _chosen_colleague(cast: Cast) -> dict[str, str]:
    return {"ids": UserFactory.create().public_id}


def _chosen_gone(cast: Cast) -> dict[str, str]:
    return {"ids": UserFactory.create(is_active=False).public_id}


def _colleague(cast: Cast) -> dict[str, str]:
    return {"public_id": UserFactory.create().public_id}


def _gone(cast: Cast) -> dict[str, str]:
    return {"public_id": UserFactory.create(is_active=False).public_id}


def _holder(cast: Cast) -> dict[str, str]:
    """The owner, who has a customer to hand over."""
    assert cast.contact
    return {"public_id": cast.owner.public_id}


def _free_team(cast: Cast) -> dict[str, int]:
    return {"pk": Team.objects.get_or_create(name="Empty")[0].pk}


PROFILE = {"full_name": "New Name", "language": "en", "theme": "auto"}

ROUTES = {
    "account_login": Route(get=PUBLIC, post=PUBLIC, body=lambda cast: {"login": "a@b.example", "password": "x"}),
    "account_logout": Route(post=PUBLIC),
    "account_inactive": Route(get=PUBLIC),
    "account_reauthenticate": Route(get=EVERYONE, post=EVERYONE, body=lambda cast: {"password": "x"}),
    "account_change_password": Route(get=EVERYONE, post=EVERYONE, body=lambda cast: {}),
    "account_reset_password": Route(get=PUBLIC, post=PUBLIC, body=lambda cast: {"email": "a@b.example"}),
    "account_reset_password_done": Route(get=PUBLIC),
    "account_reset_password_from_key": Route(get=PUBLIC, post=PUBLIC, kwargs=_reset_link, body=lambda cast: {}),
    "account_reset_password_from_key_done": Route(get=PUBLIC),
    "invitation_accept": Route(get=PUBLIC, post=PUBLIC, kwargs=_invitation_secret, body=_join, changed=302),
    "profile": Route(get=EVERYONE, post=EVERYONE, body=lambda cast: PROFILE, changed=302),
    "sessions_end": Route(post=EVERYONE),
    "people_list": Route(get=DIRECTORS),
    "invitation_create": Route(
        get=DIRECTORS,
        post=DIRECTORS,
        body=lambda cast: {"email": "other@company.example", "role": "analyst", "language": "es"},
        changed=302,
    ),
    "invitation_resend": Route(post=DIRECTORS, kwargs=_invitation_kwargs, changed=302),
    "invitation_revoke": Route(post=DIRECTORS, kwargs=_invitation_kwargs, changed=302),
    "people_deactivate": Route(post=DIRECTORS, body=_chosen_colleague, changed=302),
    "people_reactivate": Route(post=DIRECTORS, body=_chosen_gone, changed=302),
    "person_change": Route(
        get=DIRECTORS,
        post=DIRECTORS,
        kwargs=_colleague,
        body=lambda cast: {"full_name": "Delia", "role": "marketer"},
        changed=302,
    ),
    "person_hand_over": Route(post=DIRECTORS, kwargs=_holder, body=lambda cast: {"heir": "nobody"}, changed=302),
    "person_deactivate": Route(post=DIRECTORS, kwargs=_colleague, changed=302),
    "person_reactivate": Route(post=DIRECTORS, kwargs=_gone, changed=302),
    "team_list": Route(get=DIRECTORS, post=DIRECTORS, body=lambda cast: {"name": "South"}, changed=302),
    "team_rename": Route(post=DIRECTORS, kwargs=_free_team, body=lambda cast: {"name": "East"}, changed=302),
    "team_delete": Route(post=DIRECTORS, kwargs=_free_team, changed=302),
    "mfa_index": Route(get=EVERYONE),
    "mfa_activate_totp": Route(get=EVERYONE, post=EVERYONE),
    "mfa_deactivate_totp": Route(kwargs=_with_app, get=EVERYONE, post=EVERYONE),
    "mfa_authenticate": Route(get=PUBLIC, post=PUBLIC),
    "mfa_reauthenticate": Route(get=EVERYONE, post=EVERYONE),
    "mfa_view_recovery_codes": Route(kwargs=_with_app, get=EVERYONE),
    "mfa_generate_recovery_codes": Route(kwargs=_with_app, get=EVERYONE, post=EVERYONE),
    # POST as well asks for the password again before it is refused.
    "mfa_download_recovery_codes": Route(kwargs=_with_app, get=EVERYONE, post=EVERYONE),
}
