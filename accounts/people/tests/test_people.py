from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import Invitation, User
from accounts.people.services.invitations import (
    invitation_accept,
    invitation_create,
    invitation_resend,
    invitation_revoke,
)
from accounts.people.services.people import (
    team_create,
    team_delete,
    user_change,
    user_create,
    user_deactivate,
    user_hand_over,
    user_reactivate,
)
from core.errors import Conflict, DomainError
from core.mail.models import TransactionalMail

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.django_db


def secret_of_last_mail() -> str:
    url: str = TransactionalMail.objects.latest("pk").context["url"]
    return url.rstrip("/").rsplit("/", 1)[-1]


def join(secret: str) -> User:
    return invitation_accept(secret=secret, full_name="Nora New", password=PASSWORD, language="es")


def test_an_invitation_makes_the_person_once(director: User) -> None:
    invitation = invitation_create(email="Nora@Company.example", role="analyst", actor=director, language="es")
    secret = secret_of_last_mail()
    assert secret not in invitation.token_hash
    nora = join(secret)
    assert (nora.email, nora.role, nora.language, nora.check_password(PASSWORD)) == (
        "nora@company.example",
        "analyst",
        "es",
        True,
    )
    with pytest.raises(Conflict):
        join(secret)


def test_an_old_invitation_is_refused(director: User) -> None:
    invitation = invitation_create(email="nora@company.example", role="analyst", actor=director)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict) as refused:
        join(secret_of_last_mail())
    assert refused.value.code == "invitation_closed"


def test_sending_again_ends_the_first_link(director: User) -> None:
    invitation = invitation_create(email="nora@company.example", role="analyst", actor=director)
    first = secret_of_last_mail()
    invitation_resend(invitation=invitation, actor=director)
    with pytest.raises(Conflict):
        join(first)
    assert join(secret_of_last_mail()).email == "nora@company.example"


def test_a_revoked_invitation_is_refused(director: User, client: Client) -> None:
    invitation = invitation_create(email="nora@company.example", role="analyst", actor=director)
    secret = secret_of_last_mail()
    invitation_revoke(invitation=invitation, actor=director)
    assert client.get(f"/join/{secret}/").status_code == 410


def test_who_signs_in_already_is_not_invited(director: User, marketer: User) -> None:
    with pytest.raises(DomainError) as refused:
        invitation_create(email=marketer.email.upper(), role="analyst", actor=director)
    assert refused.value.code == "email_taken"


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        user_create(email="a@b.example", full_name="A", role="analyst", password="short", actor=None)
    assert refused.value.code == "password_weak"


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_the_last_director_stays_director(director: User, role: str) -> None:
    with pytest.raises(DomainError) as refused:
        user_change(user=director, role=role, team=None, full_name="Dora", actor=director)
    assert refused.value.code == "director_last"


def test_the_last_director_keeps_access(director: User, marketer: User) -> None:
    with pytest.raises(DomainError) as refused:
        user_deactivate(user=director, actor=marketer)
    assert refused.value.code == "director_last"


def test_nobody_ends_their_own_access(director: User) -> None:
    with pytest.raises(DomainError) as refused:
        user_deactivate(user=director, actor=director)
    assert refused.value.code == "deactivate_oneself"


def test_only_a_salesperson_inherits(director: User, owner: User, marketer: User) -> None:
    with pytest.raises(DomainError) as refused:
        user_hand_over(user=owner, heir=marketer, actor=director)
    assert refused.value.code == "heir_unsuitable"


def test_coming_back(director: User, analyst: User) -> None:
    user_deactivate(user=analyst, actor=director)
    assert user_reactivate(user=analyst, actor=director).is_active
    with pytest.raises(Conflict):
        user_reactivate(user=analyst, actor=director)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "user_deactivate",
        "user_reactivate",
    ]


def test_a_team_with_people_stays(director: User, owner: User) -> None:
    assert owner.team is not None
    with pytest.raises(DomainError) as refused:
        team_delete(team=owner.team, actor=director)
    assert refused.value.code == "team_in_use"
    team_delete(team=team_create(name="Empty", actor=director), actor=director)
