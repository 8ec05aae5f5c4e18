"""The questions that pages ask of invitations and of the audit trail."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Invitation, User
from accounts.services.invitations import invitation_create

pytestmark = pytest.mark.django_db


def test_open_invitations_can_still_be_accepted(director: User) -> None:
    names = ("open", "accepted", "revoked", "expired")
    made = {name: invitation_create(email=f"{name}@company.example", role="analyst", actor=director) for name in names}
    now = timezone.now()
    changes = {"accepted": {"accepted_at": now}, "revoked": {"revoked_at": now}, "expired": {"expires_at": now}}
    for name, fields in changes.items():
        Invitation.objects.filter(pk=made[name].pk).update(**fields)
    assert list(Invitation.objects.open()) == [made["open"]]


def test_audit_lines_of_a_person_an_action_a_thing_and_whole_days(director: User, marketer: User) -> None:
    AuditEntry.objects.all().delete()
    madrid = ZoneInfo("Europe/Madrid")
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC)  # 2 March begins in Madrid
    common = {"object_type": "crm.contact", "object_label": "Ada Lovelace"}
    first = AuditEntry.objects.create(actor=director, action="contact_archived", **common)
    second = AuditEntry.objects.create(actor=marketer, action="contact_restored", **common)
    AuditEntry.objects.filter(pk=first.pk).update(at=midnight - timedelta(seconds=1))
    AuditEntry.objects.filter(pk=second.pk).update(at=midnight)

    def found(**asked: object) -> list[AuditEntry]:
        nothing = {"actor": None, "action": "", "thing": "", "since": None, "until": None, "zone": madrid}
        return list(AuditEntry.objects.matching(**{**nothing, **asked}).order_by("pk"))  # type: ignore[arg-type]

    assert found() == [first, second]
    assert found(actor=director) == [first]
    assert found(action="contact_restored") == [second]
    assert found(thing="love") == found(thing="crm.contact") == [first, second]
    assert found(thing="Bob") == []
    assert found(since=date(2026, 3, 2)) == [second]
    assert found(until=date(2026, 3, 1)) == [first]
