"""The limits every send keeps: what the director can set, and that the engine keeps it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from delivery.guardrails.models import SendingPolicy

pytestmark = pytest.mark.django_db
URL = "/email/settings/"
GIVEN = {"cap_messages": "2", "cap_days": "7", "late_start_minutes": "30"}
SignedIn = Callable[[User], Client]


def test_the_director_sets_every_limit(director: User, signed_in: SignedIn) -> None:
    client = signed_in(director)
    limits = "Gmail.com 20\n\n@müller.example: 0,5\r\n"
    answer = client.post(URL, {**GIVEN, "per_second": "900", "domain_limits": limits})
    assert answer.status_code == 302
    policy = SendingPolicy.get()
    assert policy.domain_limits == {"gmail.com": 20.0, "xn--mller-kva.example": 0.5}
    assert (policy.cap_messages, policy.per_second, policy.may_write_customers) == (2, 900, False)
    page = client.get(URL).content.decode()
    assert "gmail.com 20\nxn--mller-kva.example 0.5</textarea>" in page
    assert "domain_limits" in AuditEntry.objects.get(action="policy_save").changes
    client.post(URL, {**GIVEN, "may_write_customers": "on", "domain_limits": ""})
    assert (SendingPolicy.get().domain_limits, SendingPolicy.get().may_write_customers) == ({}, True)


@pytest.mark.parametrize(
    "line", ["gmail.com", "20", "gmail.com 0", "gmail.com -1", "gmail.com nan", "g mail 2", "a.b inf"]
)
def test_what_is_no_limit_of_a_domain_is_named_by_its_line(director: User, signed_in: SignedIn, line: str) -> None:
    page = signed_in(director).post(URL, {**GIVEN, "domain_limits": f"ok.example 3\n{line}"}).content.decode()
    assert "Line 2: enter a domain and the messages per second" in page
    assert SendingPolicy.get().domain_limits == {}


def test_only_the_director_changes_them(marketer: User, signed_in: SignedIn) -> None:
    client = signed_in(marketer)
    assert client.post(URL, GIVEN).status_code == 403
    assert "disabled" in client.get(URL).content.decode()
