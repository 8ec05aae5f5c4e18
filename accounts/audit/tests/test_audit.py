"""The audit trail: what it finds, what it exports, and for whom."""

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.audit.services import audit_record
from accounts.people.models import Team, User


def test_audit_lines_of_a_person_an_action_a_thing_and_whole_days(director: User, marketer: User) -> None:
    AuditEntry.objects.all().delete()
    madrid = ZoneInfo("Europe/Madrid")
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC)  # 2 March begins in Madrid
    common = {"object_type": "crm.contact", "object_label": "Ada Lovelace"}
    first = AuditEntry.objects.create(actor=director, action="contact_archive", **common)
    second = AuditEntry.objects.create(actor=marketer, action="contact_restore", **common)
    AuditEntry.objects.filter(pk=first.pk).update(at=midnight - timedelta(seconds=1))
    AuditEntry.objects.filter(pk=second.pk).update(at=midnight)

    def found(**asked: object) -> list[AuditEntry]:
        nothing = {"actor": None, "action": "", "thing": "", "since": None, "until": None, "zone": madrid}
        return list(AuditEntry.objects.matching(**{**nothing, **asked}).order_by("pk"))  # type: ignore[arg-type]

    assert found() == [first, second]
    assert found(actor=director) == [first]
    assert found(action="contact_restore") == [second]
    assert found(thing="love") == found(thing="crm.contact") == [first, second]
    assert found(thing="Bob") == []
    assert found(since=date(2026, 3, 2)) == [second]
    assert found(until=date(2026, 3, 1)) == [first]


def test_the_trail_is_filtered_and_exported(director: User, analyst: User, signed_in) -> None:
    audit_record(actor=director, action="team_create", subject=Team(name="North"), changes={"name": (None, "=1+1")})
    audit_record(actor=analyst, action="profile_change", subject=analyst)
    client: Client = signed_in(analyst)
    page = client.get("/data/audit/", {"action": "team_create"}).content.decode()
    assert "Team created" in page
    exported = client.get("/data/audit/export/", {"actor": director.public_id})
    rows = list(csv.reader(b"".join(exported.streaming_content).decode("utf-8-sig").splitlines()))  # type: ignore[attr-defined]
    assert len(rows) == 2
    assert rows[1][1] == "Dora Director"
    assert rows[1][6] == "Name: =1+1"


def test_salespeople_do_not_read_the_trail(owner: User, signed_in) -> None:
    assert signed_in(owner).get("/data/audit/").status_code == 403
