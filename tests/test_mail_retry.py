"""Transactional mail and a mail server that is away, busy, or says no: a real worker, a real conversation."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from core.mail.models import TransactionalMail
from core.mail.transactional import RETRY_DELAYS, mail_deliver, mail_retry, mail_send, message_id
from delivery.transports.tests.sink import Sink, SinkThread
from tests.fixtures.services import CeleryWorker
from tests.fixtures.waiting import wait_until
from tools.servers.home import free_port

State = TransactionalMail.State
VALUES: dict[str, Any] = {"name": "Noé", "url": "http://127.0.0.1:8000/reset/x/", "company": "Shop", "days": 1}


def written(to: str) -> TransactionalMail:
    return mail_send(template="password_reset", to=to, language="es", context=VALUES)


def now_due() -> None:
    TransactionalMail.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def smtp_port(settings: Any) -> int:
    """Where this process sends its mail: nobody listens there yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 5
    return int(settings.EMAIL_PORT)


@pytest.fixture
def worker_of(smtp_port: int, celery_worker: CeleryWorker) -> Iterator[CeleryWorker]:
    """The worker, started anew so that its mail goes to `smtp_port`."""
    process = celery_worker.process
    usual = process.environment
    process.stop()
    process.environment = {**(usual or {}), "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}"}
    celery_worker.start()
    yield celery_worker
    process.stop()
    process.environment = usual


@pytest.mark.django_db(transaction=True)
def test_refused_twice_then_taken_as_one_message(worker_of: CeleryWorker, smtp_port: int) -> None:
    """Nobody listens; then 451 after the whole body; then 250. The person gets one mail, always by the same id."""
    mail = written("t451-noe@company.example")

    def attempts(number: int, state: str) -> bool:
        mail.refresh_from_db()
        return (mail.attempts, mail.state) == (number, state)

    wait_until(lambda: attempts(1, State.WAITING), what="the refused connection")
    assert "refused" in mail.error
    assert timezone.now() < mail.next_attempt_at <= timezone.now() + RETRY_DELAYS[0]
    with SinkThread(Sink(), smtp_port) as sink:
        now_due()
        current_app.send_task("core.mail_retry")
        wait_until(lambda: attempts(2, State.WAITING), what="the 451")
        assert "451" in mail.error
        assert timezone.now() + RETRY_DELAYS[0] < mail.next_attempt_at <= timezone.now() + RETRY_DELAYS[1]
        current_app.send_task("core.mail_retry")  # not due yet: changes nothing
        now_due()
        current_app.send_task("core.mail_retry")
        current_app.send_task("core.mail_send", kwargs={"mail_id": mail.pk})
        wait_until(lambda: attempts(3, State.SENT), what="the 250")
        assert sink.taken == [(message_id(mail=mail), "t451-noe@company.example")]
        assert sink.refused == [message_id(mail=mail).encode()]
    assert mail.context == {}


@pytest.mark.django_db
def test_given_up_after_the_last_wait(smtp_port: int) -> None:
    mail = written("noe@company.example")
    for wait in RETRY_DELAYS:
        now_due()
        assert mail_deliver(mail_id=mail.pk) is False
        mail.refresh_from_db()
        assert (mail.state, mail.context) == (State.WAITING, VALUES)
        assert timedelta(0) <= timezone.now() + wait - mail.next_attempt_at < timedelta(seconds=10)
        assert mail_retry() == 0
    now_due()
    assert mail_retry() == 1
    mail_deliver(mail_id=mail.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.context, mail.attempts) == (State.FAILED, {}, len(RETRY_DELAYS) + 1)


@pytest.mark.django_db
def test_a_refused_address_is_final(smtp_port: int) -> None:
    mail = written("f550-gone@company.example")
    with SinkThread(Sink(), smtp_port) as sink:
        assert mail_deliver(mail_id=mail.pk) is False
        assert sink.taken == []
    mail.refresh_from_db()
    assert (mail.state, mail.context) == (State.FAILED, {})


@pytest.mark.django_db
def test_an_answer_lost_on_the_way_repeats_the_same_message_id(smtp_port: int) -> None:
    mail = written("gone-noe@company.example")
    with SinkThread(Sink(), smtp_port) as sink:
        assert mail_deliver(mail_id=mail.pk) is False
        now_due()
        assert mail_deliver(mail_id=mail.pk) is True
        assert [taken for taken, _to in sink.taken] == [message_id(mail=mail)] * 2
