"""The questions that pages ask of invitations."""

import pytest
from django.utils import timezone

from accounts.people.models import Invitation, User
from accounts.people.services.invitations import invitation_create

pytestmark = pytest.mark.django_db


def test_open_invitations_can_still_be_accepted(director: User) -> None:
    names = ("open", "accepted", "revoked", "expired")
    made = {name: invitation_create(email=f"{name}@company.example", role="analyst", actor=director) for name in names}
    now = timezone.now()
    changes = {"accepted": {"accepted_at": now}, "revoked": {"revoked_at": now}, "expired": {"expires_at": now}}
    for name, fields in changes.items():
        Invitation.objects.filter(pk=made[name].pk).update(**fields)
    assert list(Invitation.objects.open()) == [made["open"]]
