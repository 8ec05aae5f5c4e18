"""Several providers: the next one carries on when one does not take our mail, and nobody gets anything twice."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from core.errors import DomainError
from delivery.engine.deliver import deliver
from delivery.engine.recover import orphans_recover
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.senders.models import SendingIdentity
from delivery.senders.tests.factories import identity_make
from delivery.sends.channels import identity_of
from delivery.sends.models import Batch, Delivery, Send
from delivery.transports.forms import FIELDS
from delivery.transports.models import Provider, ProviderUse
from delivery.transports.provider_api.transport import ApiServer
from delivery.transports.routing import route_of
from delivery.transports.services import (
    identity_providers_set,
    provider_archive,
    provider_pause,
    provider_save,
    provider_test,
)
from delivery.transports.smtp import Server
from delivery.transports.tests.factories import through
from delivery.transports.tests.sink import Sink, SinkThread


@pytest.fixture
def sinks(settings: Settings, tmp_path: Path) -> Iterator[tuple[Sink, Sink]]:
    settings.HOME = tmp_path
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    with SinkThread(Sink()) as first, SinkThread(Sink()) as second:
        yield first, second


def taken(sink: Sink) -> list[str]:
    return [recipient for _, recipient in sink.taken]


class NoSender(Sink):
    """Refuses us at MAIL, with this answer, after so many messages."""

    def __init__(self, answer: bytes, after: int = 0) -> None:
        super().__init__()
        self.answer, self.after = answer, after

    def mail(self) -> bytes | None:
        return self.answer if len(self.taken) >= self.after else None


@pytest.mark.django_db(transaction=True)
def test_a_refused_connection_sends_everything_by_the_next(sinks: tuple[Sink, Sink]) -> None:
    send = sending(*people(60))
    away, back = through(send.identity, "smtp://127.0.0.1:1", sinks[0].url)
    run_until_quiet(send)
    assert sorted(taken(sinks[0])) == sorted(people(60))
    assert (send.state, states(send)) == (Send.State.FINISHED, {"sent": 60})
    assert set(Delivery.objects.filter(send_id=send.pk).values_list("provider_id", flat=True)) == {back.pk}
    broken = ProviderUse.objects.broken().get()
    assert (broken.provider, "127.0.0.1:1" in broken.broken_reason) == (away, True)
    assert route_of(identity_of(send)).provider_id == back.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [b"421 4.7.0 too fast\r\n", b"550 5.7.1 sender not ours\r\n"])
def test_the_rest_goes_by_the_next_provider_when_one_stops_in_the_middle(
    sinks: tuple[Sink, Sink], answer: bytes
) -> None:
    send = sending(*people(80))
    with SinkThread(NoSender(answer, after=25)) as limited:
        first, second = through(send.identity, limited.url, sinks[1].url)
        run_until_quiet(send)
        assert sorted(taken(limited) + taken(sinks[1])) == sorted(people(80))
        assert len(taken(limited)) >= 25
        assert len(taken(sinks[1])) > 0
    by = Delivery.objects.filter(send_id=send.pk).values_list("address", "provider_id")
    assert all((first.pk if address in taken(limited) else second.pk) == provider for address, provider in by)
    assert send.state == Send.State.FINISHED


@pytest.mark.django_db(transaction=True)
def test_what_is_unknown_at_one_provider_never_goes_by_another(sinks: tuple[Sink, Sink]) -> None:
    send = sending(*people(20), *people(2, "mute"))
    first, _second = through(send.identity, sinks[0].url, sinks[1].url)
    run_until_quiet(send)
    assert states(send) == {"sent": 20, "unknown": 2}
    assert not [address for address in taken(sinks[1]) if address.startswith("mute")]
    unknown = Delivery.objects.filter(send_id=send.pk, state="unknown")
    assert set(unknown.values_list("provider_id", flat=True)) == {first.pk}


@pytest.mark.django_db(transaction=True)
def test_when_none_takes_mail_the_send_waits_and_then_stops(settings: Settings, sinks: tuple[Sink, Sink]) -> None:
    send = sending(*people(20))
    through(send.identity, "smtp://127.0.0.1:1", "smtp://127.0.0.1:2")
    assert deliver(send_id=send.pk) is True
    assert deliver(send_id=send.pk) is False
    send.refresh_from_db()
    assert send.failing_since
    settings.SENDING_STOP_AFTER_SECONDS = 0
    Batch.objects.filter(send=send).update(due_at=timezone.now())
    deliver(send_id=send.pk)
    send.refresh_from_db()
    assert (send.state, states(send)) == (Send.State.STOPPED, {"pending": 20})


@pytest.mark.django_db(transaction=True)
def test_the_first_is_used_again_when_its_time_has_come(sinks: tuple[Sink, Sink]) -> None:
    send = sending(*people(20))
    first, _second = through(send.identity, sinks[0].url, sinks[1].url)
    ProviderUse.objects.filter(provider=first).update(broken_until=timezone.now(), broken_reason="away")
    run_until_quiet(send)
    assert len(taken(sinks[0])) == 20
    assert list(ProviderUse.objects.exclude(broken_until=None)) == []


@pytest.mark.django_db(transaction=True)
def test_recovery_knows_the_provider_from_the_journal(sinks: tuple[Sink, Sink], monkeypatch) -> None:
    from delivery.engine.batch_writer import BatchWriter

    send = sending(*people(20))
    (first,) = through(send.identity, sinks[0].url)
    monkeypatch.setattr(BatchWriter, "_commit", lambda self, batch: (_ for _ in ()).throw(RuntimeError("gone")))
    with pytest.raises(RuntimeError):
        deliver(send_id=send.pk)
    monkeypatch.undo()
    assert orphans_recover() > 0
    sent = Delivery.objects.filter(send_id=send.pk, state="sent")
    assert set(sent.values_list("provider_id", flat=True)) == {first.pk}


@pytest.mark.django_db
def test_passwords_are_sealed_and_in_no_audit(director: User) -> None:
    provider = Provider(name="Relay")
    provider.url = "smtp+tls://me:hunter2@mail.example.com:587?connections=3"
    provider_save(provider=provider, actor=director)
    stored = Provider.objects.get()
    assert stored.place == "smtp+tls://mail.example.com:587"
    assert "hunter2" not in stored.sealed_url
    assert stored.url.endswith("connections=3")
    assert not any("hunter2" in str(entry.changes) for entry in AuditEntry.objects.all())


@pytest.mark.django_db
def test_the_last_provider_of_a_sender_is_not_archived(director: User, owner: User) -> None:
    identity = identity_make()
    first, second = through(identity, "smtp://mail.example.com", "smtp://other.example.com")
    provider_archive(provider=second, actor=director)
    assert list(Provider.objects.active()) == [first]
    with pytest.raises(DomainError) as refused:
        provider_archive(provider=first, actor=director)
    assert refused.value.code == "provider_in_use"
    provider_archive(provider=second, actor=director, archived=False)
    identity_providers_set(identity=identity, providers=[second, first], actor=director)
    assert [use.provider for use in identity.uses.usable()] == [second, first]
    identity_providers_set(identity=identity, providers=[], actor=director)
    assert route_of(SendingIdentity.objects.get()).use is None
    assert list(Provider.objects.visible_to(owner)) == []


@pytest.mark.django_db(transaction=True)
def test_a_paused_provider_is_passed_over_and_nothing_leaves_while_all_are(
    sinks: tuple[Sink, Sink], director: User
) -> None:
    send = sending(*people(20))
    first, second = through(send.identity, sinks[0].url, sinks[1].url)
    provider_pause(provider=first, actor=director)
    provider_pause(provider=second, actor=director)
    assert deliver(send_id=send.pk) is False
    send.refresh_from_db()
    assert (send.state, states(send)) == (Send.State.SENDING, {"pending": 20})
    assert send.state_reason == "Every provider of this sender is paused."
    provider_pause(provider=second, actor=director, paused=False)
    run_until_quiet(send)
    assert (len(taken(sinks[0])), len(taken(sinks[1])), states(send)) == (0, 20, {"sent": 20})
    said = AuditEntry.objects.filter(action__in=["provider_pause", "provider_resume"]).order_by("pk")
    assert [entry.action for entry in said] == ["provider_pause", "provider_pause", "provider_resume"]


@pytest.mark.django_db(transaction=True)
def test_a_broken_provider_says_why_until_it_carries_again(sinks: tuple[Sink, Sink], director: User, signed_in) -> None:
    send = sending(*people(4))
    with SinkThread(NoSender(b"550 5.7.1 sender not ours\r\n")) as strict:
        first, _second = through(send.identity, strict.url, sinks[0].url)
        run_until_quiet(send)
    first.refresh_from_db()
    assert "sender not ours" in first.last_error
    assert first.last_error_at
    page = signed_in(director).get("/email/deliverability/providers/").content.decode()
    assert "temporarily skipped" in page
    assert "sender not ours" in page


@pytest.mark.django_db(transaction=True)
def test_a_message_through_this_very_provider(sinks: tuple[Sink, Sink], director: User, signed_in) -> None:
    client = signed_in(director)
    provider = Provider(name="Relay")
    provider.url = sinks[1].url
    provider.save()
    where = f"/email/deliverability/providers/{provider.pk}/send/"
    assert "A test message needs a sender" in client.post(where, follow=True).content.decode()
    identity = identity_make()
    through(identity, sinks[0].url)
    identity_providers_set(
        identity=identity, providers=[Provider.objects.exclude(pk=provider.pk).get(), provider], actor=None
    )
    ProviderUse.objects.filter(provider=provider).update(broken_until=timezone.now() + timedelta(hours=1))
    page = client.post(where, follow=True).content.decode()
    assert "accepted a message" in page
    assert taken(sinks[1]) == [director.email]
    assert taken(sinks[0]) == []
    assert not ProviderUse.objects.get(provider=provider).is_broken
    provider.url = "smtp://127.0.0.1:1"
    provider.save()
    assert "sent an unexpected reply" in client.post(where, follow=True).content.decode()


@pytest.mark.django_db
def test_a_test_says_what_the_server_answers(sinks: tuple[Sink, Sink], director: User, signed_in) -> None:
    client = signed_in(director)
    port = sinks[0].url.partition("?")[0].rpartition(":")[2]
    given = {"name": "Relay", "kind": "smtp", "host": "127.0.0.1", "port": port, "security": "", "connections": "2"}
    answer = client.post("/email/deliverability/providers/new/", given | {"leaves_from": "192.0.2.1"})
    assert answer.status_code == 302
    provider = Provider.objects.get()
    assert provider.url == f"smtp://127.0.0.1:{port}?connections=2"
    assert "answers" in provider_test(provider=provider)
    page = client.post(f"/email/deliverability/providers/{provider.pk}/test/", follow=True).content.decode()
    assert "not encrypted" in page
    provider.url = "smtp://127.0.0.1:1"
    with pytest.raises(DomainError) as refused:
        provider_test(provider=provider)
    assert refused.value.code == "provider_unreachable"


# --- The form --------------------------------------------------------------------------------------------------------

SMTP = {"name": "Relay", "kind": "smtp", "host": "mail.example.com", "security": "starttls", "connections": "3"}
SES = SMTP | {"kind": "ses", "host": "email-smtp.eu-west-1.amazonaws.com", "port": "587", "username": "AKIA"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "url"),
    [
        (SMTP, "smtp+tls://mail.example.com?connections=3"),
        (SMTP | {"username": "me@x", "secret": "p:w/d"}, "smtp+tls://me%40x:p%3Aw%2Fd@mail.example.com?connections=3"),
        (SMTP | {"security": "tls", "port": "465"}, "smtp+ssl://mail.example.com:465?connections=3"),
        (
            SES | {"secret": "B+/="},
            "smtp+tls://AKIA:B%2B%2F%3D@email-smtp.eu-west-1.amazonaws.com:587?connections=3",
        ),
        (SMTP | {"kind": "brevo", "secret": "xkeysib"}, "brevo://xkeysib@?connections=3"),
        (
            SMTP | {"kind": "mailgun", "domain": "mg.example.com", "region": "eu", "secret": "k9q-sealed"},
            "mailgun://k9q-sealed@mg.example.com?connections=3&region=eu",
        ),
        (
            SMTP | {"kind": "postmark", "stream": "news", "secret": "t0k-sealed"},
            "postmark://t0k-sealed@?connections=3&stream=news",
        ),
    ],
)
def test_what_is_filled_in_becomes_an_address_and_comes_back(director: User, signed_in, given, url: str) -> None:
    client = signed_in(director)
    assert client.post("/email/deliverability/providers/new/", given).status_code == 302
    provider = Provider.objects.get()
    assert provider.url == url
    form = client.get(f"/email/deliverability/providers/{provider.pk}/").context["form"]
    shown = {name: form.initial.get(name, "") for name in FIELDS[given["kind"]]}
    assert {name: str(value or "") for name, value in shown.items()} == {
        name: given.get(name, "") for name in FIELDS[given["kind"]]
    }
    assert given.get("secret", "nothing") not in form.as_p().replace(url, "")
    changed = given | {"secret": "", "name": "Renamed"}
    assert client.post(f"/email/deliverability/providers/{provider.pk}/", changed).status_code == 302
    provider.refresh_from_db()
    assert (provider.name, provider.url) == ("Renamed", url)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "http://x"}, "host"),
        ({"host": "u:p@x"}, "host"),
        ({"host": "[", "port": "0"}, "port"),
        ({"username": "me"}, "secret"),
        ({"kind": "brevo"}, "secret"),
        ({"kind": "mailgun", "secret": "k"}, "domain"),
        ({"kind": "mailgun", "secret": "k", "domain": "x/../y"}, "domain"),
        ({"kind": "nothing"}, "kind"),
        ({"connections": "0"}, "connections"),
        ({"connections": "65"}, "connections"),
        ({"leaves_from": "nowhere"}, "leaves_from"),
    ],
)
def test_what_cannot_be_a_provider_is_said_at_its_field(director: User, signed_in, given, field: str) -> None:
    answer = signed_in(director).post("/email/deliverability/providers/new/", SMTP | given)
    assert list(answer.context["form"].errors) == [field]
    assert Provider.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "elsewhere",
    [{"host": "evil.example"}, {"kind": "brevo"}, {"security": ""}, {"kind": "ses", "host": "evil.example"}],
)
def test_a_stored_password_is_sent_to_no_other_place(director: User, signed_in, elsewhere) -> None:
    client = signed_in(director)
    client.post("/email/deliverability/providers/new/", SMTP | {"username": "me", "secret": "hunter2"})
    provider = Provider.objects.get()
    answer = client.post(f"/email/deliverability/providers/{provider.pk}/", SMTP | {"username": "me"} | elsewhere)
    assert list(answer.context["form"].errors) == ["secret"]
    provider.refresh_from_db()
    assert "hunter2@mail.example.com" in provider.url


@pytest.mark.django_db(transaction=True)
def test_a_server_that_repeats_the_password_does_not_make_us_tell_it(sinks: tuple[Sink, Sink]) -> None:
    server = Server.of("smtp://me:hunter2@mail.example.com")
    given = base64.b64encode(b"\0me\0hunter2").decode()
    assert server.hide(f"535 AUTH PLAIN {given} hunter2 is wrong") == "535 AUTH PLAIN ••• ••• is wrong"
    assert "hunter2" not in repr(server)
    assert "KEY" not in repr(ApiServer.of("brevo://KEY@"))
