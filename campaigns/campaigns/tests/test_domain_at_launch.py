"""What the check of a sender's domain means for the launch of a campaign."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from delivery.domains.services.deliverability import domain_check_run, domain_check_start, domain_look, identity_verdict
from delivery.domains.services.signing import domain_ensure
from delivery.domains.tests.dns_server import DnsServer
from delivery.sends.channels import identity_of
from delivery.sends.launch import launch_problems, launch_warnings


@pytest.fixture
def world(settings: Settings) -> Iterator[DnsServer]:
    """shop.example in order: SPF, DMARC, MX, a server with a name."""
    with DnsServer(
        {
            ("shop.example", "MX"): ["10 mx.shop.example."],
            ("shop.example", "TXT"): ["v=spf1 ip4:192.0.2.0/24 include:_spf.host.example -all", "x" * 600],
            ("_spf.host.example", "TXT"): ["v=spf1 ip6:2001:db8::/32 a:out.host.example mx -all"],
            ("out.host.example", "A"): ["198.51.100.7"],
            ("_dmarc.shop.example", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@shop.example"],
            ("mail.shop.example", "A"): ["192.0.2.10"],
            ("10.2.0.192.in-addr.arpa", "PTR"): ["mail.shop.example."],
            ("mx.shop.example", "A"): ["192.0.2.11"],
        }
    ) as server:
        settings.DNS_SERVERS, settings.DNS_TIMEOUT = [server.address], 0.5
        yield server


@pytest.mark.django_db
def test_a_launch_is_refused_warned_or_exempt_with_the_reason(
    world: DnsServer, settings: Settings, director: User
) -> None:
    campaign = campaign_make(director)
    identity = identity_of(campaign.send)
    (warning,) = launch_warnings(campaign.send)
    assert (identity_verdict(identity).level, warning.code) == ("exempt", "sender_is_local")
    settings.EMAIL_URL = "smtp+tls://mail.shop.example:587"
    domain = domain_ensure(address=identity.from_address)
    assert identity_verdict(identity).code == "domain_unchecked"
    job = domain_check_start(domain=domain, actor=director)
    domain_check_run(job_id=job.pk)
    domain_check_run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["level"]) == ("done", "refuse")
    (problem,) = [one for one in launch_problems(campaign.send) if one.code == "domain_not_fit"]
    assert "does not exist" in problem.message
    world.put("company.example", "MX", "10 mx.shop.example.")
    domain_look(domain=domain)
    assert [one.code for one in launch_problems(campaign.send)] == []
    assert [one.code for one in launch_warnings(campaign.send)] == ["domain_warns"]
