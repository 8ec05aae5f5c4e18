"""Judged at launch and again at the start: what became refusable does not leave, and says why."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.campaigns.alerts import send_alerts
from campaigns.campaigns.launch import campaign_launch
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.letters.launch import letter_launch
from campaigns.letters.tests.factories import letter_make
from core.errors import DomainError
from crm.consent.models import Consent
from delivery.domains.models import SendingDomain
from delivery.domains.tests.dns_server import DnsServer
from delivery.domains.tests.test_dkim import signing_domain
from delivery.engine.prepare import send_prepare
from delivery.engine.tick import tick
from delivery.sends.channels import identity_of
from delivery.sends.launch import launch_problems, launch_warnings, send_resume_checked, send_unschedule
from delivery.sends.models import Send
from delivery.sends.services import send_cancel
from delivery.sends.tests.factories import put, willing
from delivery.transports.models import ProviderUse
from delivery.transports.tests.factories import through

pytestmark = pytest.mark.django_db
WELL: dict[tuple[str, str], Iterable[str]] = {
    ("company.example", "MX"): ["10 mail.company.example."],
    ("company.example", "TXT"): ["v=spf1 ip4:192.0.2.10 -all"],
    ("_dmarc.company.example", "TXT"): ["v=DMARC1; p=none"],
    ("mail.company.example", "A"): ["192.0.2.10"],
    ("10.2.0.192.in-addr.arpa", "PTR"): ["mail.company.example."],
}


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: None)


@pytest.fixture
def world(settings: Settings) -> Iterator[DnsServer]:
    """company.example may send, though nothing signs for it; its mail server is not on this machine."""
    with DnsServer(WELL) as server:
        settings.DNS_SERVERS, settings.DNS_TIMEOUT, settings.DNS_LAUNCH_SECONDS = [server.address], 0.5, 1.0
        settings.EMAIL_URL = "smtp+tls://mail.company.example:587"
        yield server


def scheduled(actor: User) -> Campaign:
    """Launched for later, and its time has come."""
    willing(20)
    campaign = campaign_make(actor)
    campaign_launch(campaign=campaign, actor=actor, at=timezone.now() + timedelta(hours=1), zone="UTC")
    put(campaign.send, Send.State.SCHEDULED, scheduled_at=timezone.now() - timedelta(minutes=1))
    return campaign


def started(campaign: Campaign) -> Send:
    """As the tick starts it and a worker prepares it."""
    tick()
    send_prepare(send_id=campaign.send_id)
    campaign.send.refresh_from_db()
    return campaign.send


def test_a_domain_nobody_checked_is_checked_at_launch(world: DnsServer, marketer: User) -> None:
    willing(20)
    campaign = campaign_make(marketer)
    assert [one.code for one in launch_warnings(campaign.send)] == ["domain_unchecked"]
    campaign_launch(campaign=campaign, actor=marketer)
    domain = SendingDomain.objects.get(name="company.example")
    assert domain.checked_at
    assert (domain.level, campaign.send.state) == ("warn", Send.State.FREEZING)
    asked = len(world.asked)
    send_prepare(send_id=campaign.send_id)
    assert len(world.asked) == asked
    assert Send.objects.get(pk=campaign.send_id).warning.startswith("company.example needs attention.")


def test_what_the_check_at_launch_refuses_is_not_launched(world: DnsServer, marketer: User) -> None:
    willing(20)
    campaign = campaign_make(marketer)
    world.put("company.example", "TXT", "v=spf1 ip4:203.0.113.1 -all")
    world.put("_dmarc.company.example", "TXT", "v=DMARC1; p=reject")
    with pytest.raises(DomainError) as refused:
        campaign_launch(campaign=campaign, actor=marketer)
    assert refused.value.code == "domain_not_fit"
    assert Send.objects.get(pk=campaign.send_id).state == Send.State.DRAFT


def test_name_servers_that_are_silent_hold_a_launch_up_for_a_moment_only(world: DnsServer, marketer: User) -> None:
    willing(20)
    campaign = campaign_make(marketer)
    world.silent.update(name for name, _ in WELL)
    before = timezone.now()
    campaign_launch(campaign=campaign, actor=marketer)
    assert timezone.now() - before < timedelta(seconds=5)
    assert SendingDomain.objects.get(name="company.example").checked_at is None
    assert [one.code for one in launch_warnings(campaign.send)] == ["domain_unchecked"]


def test_a_domain_that_broke_since_keeps_it_from_starting(
    world: DnsServer, marketer: User, director: User, signed_in: Callable[[User], Client]
) -> None:
    campaign = scheduled(marketer)
    for key in list(world.records):
        world.drop(*key)
    SendingDomain.objects.update(checked_at=timezone.now() - timedelta(days=2))
    send = started(campaign)
    assert (send.state, send.audience) == (Send.State.HELD, None)
    assert send.state_reason.startswith("company.example is not ready to send.")
    (alert,) = send_alerts(director)
    page = f"/campaigns/{campaign.public_id}/send/"
    assert (alert.title, alert.text, alert.action_url) == (
        "“Spring tea” did not start", send.state_reason, f"{page}#held",
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="send_refuse").count() == 1
    assert "The campaign did not start" in signed_in(director).get(page).content.decode()
    assert (
        "is not ready to send" in signed_in(director).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    )
    tick()
    send.refresh_from_db()
    assert send.state == Send.State.HELD


def test_what_was_held_is_launched_again_taken_back_or_cancelled(world: DnsServer, marketer: User) -> None:
    campaign = scheduled(marketer)
    SendingDomain.objects.update(level="refuse")
    assert started(campaign).state == Send.State.HELD
    with pytest.raises(DomainError) as refused:
        campaign_launch(campaign=campaign, actor=marketer)
    assert refused.value.code == "domain_not_fit"
    SendingDomain.objects.update(level="good")
    campaign_launch(campaign=campaign, actor=marketer, expected=20)
    assert (campaign.send.state, campaign.send.state_reason) == (Send.State.FREEZING, "")
    put(campaign.send, Send.State.HELD)
    send_unschedule(send=campaign.send, actor=marketer)
    assert campaign.send.state == Send.State.DRAFT
    put(campaign.send, Send.State.HELD)
    send_cancel(send=campaign.send, actor=marketer)
    assert campaign.send.state == Send.State.CANCELLED


def test_what_only_warns_goes_and_is_on_record(
    world: DnsServer, marketer: User, signed_in: Callable[[User], Client]
) -> None:
    campaign = scheduled(marketer)
    through(campaign.send.identity, "smtp://mail.company.example:25")
    until = timezone.now() + timedelta(minutes=5)
    ProviderUse.objects.update(broken_until=until, broken_reason="450 slow down")
    send = started(campaign)
    assert (send.state, send.audience) == (Send.State.SENDING, 20)
    assert "No provider of “Shop” accepts messages now: Provider 1: 450 slow down" in send.warning
    assert AuditEntry.objects.filter(action="send_warn").count() == 1
    page = signed_in(marketer).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    assert "Warning at launch:" in page


def test_consent_withdrawn_by_everybody_keeps_it_from_starting(marketer: User) -> None:
    campaign = scheduled(marketer)
    topic = campaign.send.topic
    assert topic is not None
    for given in Consent.objects.all():
        Consent.objects.create(contact=given.contact, topic=topic, given=False, source="test")
    send = started(campaign)
    assert (send.state, send.audience) == (Send.State.HELD, None)
    assert send.state_reason.startswith("No contact in this audience can receive e-mail")


@pytest.mark.parametrize("what", ["topic", "identity", "segment", "key"])
def test_what_was_archived_since_keeps_it_from_starting(marketer: User, what: str) -> None:
    campaign = scheduled(marketer)
    if what == "key":
        signing_domain(marketer, address=identity_of(campaign.send).from_address).keys.update(sealed="rubbish")
    else:
        order = campaign if what == "segment" else campaign.send
        thing = getattr(order, what)
        type(thing).objects.filter(pk=thing.pk).update(archived_at=timezone.now())
    send = started(campaign)
    assert send.state == Send.State.HELD
    codes = {"topic": "topic_archived", "identity": "identity_archived", "segment": "segment_archived"}
    (problem,) = launch_problems(Send.objects.get(pk=send.pk))
    assert (problem.code, problem.message) == (codes.get(what, "signing_failed"), send.state_reason)


def test_a_send_that_never_began_is_checked_before_it_goes_on(world: DnsServer, marketer: User) -> None:
    campaign = scheduled(marketer)
    put(campaign.send, Send.State.STOPPED)
    SendingDomain.objects.update(level="refuse")
    with pytest.raises(DomainError) as refused:
        send_resume_checked(send=campaign.send, actor=marketer)
    assert refused.value.code == "domain_not_fit"
    SendingDomain.objects.update(level="good")
    assert send_resume_checked(send=campaign.send, actor=marketer).state == Send.State.FREEZING


def test_a_letter_that_cannot_start_is_back_on_the_desk(owner: User, signed_in: Callable[[User], Client]) -> None:
    letter = letter_make(owner, willing(3, owner=owner))
    letter_launch(letter=letter, actor=owner)
    Consent.objects.update(given=False)
    assert send_prepare(send_id=letter.send_id) is False
    letter.send.refresh_from_db()
    assert (letter.send.state, letter.send.launched_at) == (Send.State.DRAFT, None)
    assert "The letter was not sent: No contact" in signed_in(owner).get(f"/write/{letter.public_id}/").content.decode()
