"""Sending domains and providers for other programs: their state, the records to publish, and never a secret."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from accounts.tokens.services import token_create
from core.models import Job
from delivery.domains.models import SendingDomain
from delivery.domains.services.signing import dkim_key_activate, dkim_key_make, domain_ensure
from delivery.senders.tests.factories import identity_make
from delivery.transports.models import Provider, ProviderUse
from delivery.transports.tests.factories import through

pytestmark = pytest.mark.django_db
FINDINGS = [
    {"part": "spf", "code": "spf_missing", "level": "warn", "values": {"domain": "shop.example"},
     "record": {"host": "shop.example", "type": "TXT", "value": "v=spf1 mx -all"}},
    {"part": "dmarc", "code": "dmarc_good", "level": "good", "values": {"domain": "shop.example", "policy": "reject"}},
]  # fmt: skip


@pytest.fixture
def api(director: User) -> Any:
    return of(director, "campaigns:read", "campaigns:write")


def of(user: User, *scopes: str) -> Any:
    _token, key = token_create(user=user, name="bi", scope_codes=list(scopes), expires_at=None, actor=user)
    return Client(headers={"Authorization": f"Bearer {key}"})


def test_domains_with_the_records_to_publish(api: Client, director: User) -> None:
    identity = identity_make()
    domain = domain_ensure(address=identity.from_address)
    key = dkim_key_activate(key=dkim_key_make(domain=domain, actor=None), actor=None)
    now = timezone.now()
    SendingDomain.objects.filter(pk=domain.pk).update(findings=FINDINGS, level="warn", checked_at=now, well_at=None)
    (row,) = api.get("/api/v1/sending-domains/").json()["results"]
    assert (row["name"], row["level"], row["is_signed"]) == (domain.name, "warn", True)
    assert "id" not in row, "its name is what it is asked for by"
    whole = api.get(f"/api/v1/sending-domains/{domain.name}/").json()
    assert whole["senders"] == [identity.from_address]
    spf, dmarc = whole["findings"]
    assert spf["record"] == {"type": "TXT", "host": "shop.example", "value": "v=spf1 mx -all"}
    assert "no SPF record" in spf["text"]
    assert dmarc["record"] is None
    (signing,) = whole["keys"]
    assert (signing["host"], signing["type"], signing["state"]) == (key.host, "TXT", "active")
    assert signing["value"] == key.record
    assert "sealed" not in str(whole)
    assert "PRIVATE" not in str(whole)


def test_checking_now_is_a_workers(api: Client, director: User) -> None:
    domain = domain_ensure(address="news@shop.example")
    answer = api.post(f"/api/v1/sending-domains/{domain.name}/check/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()) == (202, {"domain": "shop.example", "checked_at": None})
    assert Job.objects.get(kind="domain_check").parameters == {"domain_id": domain.pk}


def test_providers_without_their_secrets(api: Client) -> None:
    identity = identity_make()
    relay, brevo = through(identity, "smtp+tls://me:hunter2@mail.example.com:587", "brevo://xkeysib-1@?connections=4")
    until = timezone.now() + timedelta(minutes=5)
    ProviderUse.objects.filter(provider=relay).update(broken_until=until, broken_reason="535 wrong password")
    Provider.objects.filter(pk=relay.pk).update(last_error="535 wrong password", last_error_at=timezone.now())
    answer = api.get("/api/v1/providers/")
    rows = {row["name"]: row for row in answer.json()["results"]}
    assert (rows[relay.name]["kind"], rows[relay.name]["state"]) == ("smtp", "passed_over")
    assert (rows[brevo.name]["kind"], rows[brevo.name]["state"]) == ("brevo", "active")
    assert rows[relay.name]["place"] == "smtp+tls://mail.example.com:587"
    whole = api.get(f"/api/v1/providers/{relay.public_id}/")
    (use,) = whole.json()["uses"]
    assert (use["sender"], use["position"], use["reason"]) == (identity.from_address, 1, "535 wrong password")
    assert use["passed_over_until"].startswith(f"{until:%Y-%m-%dT%H:%M}")
    for text in (answer.content.decode(), whole.content.decode()):
        assert "hunter2" not in text
        assert "xkeysib" not in text
        assert "sealed" not in text


def test_pausing_and_resuming(api: Client) -> None:
    (relay,) = through(identity_make(), "smtp://mail.example.com")
    where = f"/api/v1/providers/{relay.public_id}/"
    paused = api.post(f"{where}pause/", {}, content_type="application/json")
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    assert Provider.objects.get().paused_at
    assert api.post(f"{where}resume/", {}, content_type="application/json").json()["state"] == "active"
    assert Provider.objects.get().paused_at is None


def test_a_token_does_only_what_its_scope_says(director: User, marketer: User) -> None:
    (relay,) = through(identity_make(), "smtp://mail.example.com")
    reading, other = of(director, "campaigns:read"), of(director, "kpis:read")
    assert reading.get("/api/v1/providers/").status_code == 200
    assert other.get("/api/v1/providers/").status_code == 403
    for client in (reading, of(marketer, "campaigns:write")):
        answer = client.post(f"/api/v1/providers/{relay.public_id}/pause/", {}, content_type="application/json")
        assert answer.status_code == 403
    assert Provider.objects.get().paused_at is None


def test_the_schema_has_them(api: Client) -> None:
    schema = api.get("/api/v1/schema/").content.decode()
    for name in ("sending_domain_list", "sending_domain_check", "provider_retrieve", "provider_pause"):
        assert f"operationId: {name}" in schema
