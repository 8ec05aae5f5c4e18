from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from core.mail.models import TransactionalMail
from core.mail.transactional import mail_deliver, mail_render, mail_retry, mail_send

pytestmark = pytest.mark.django_db
State = TransactionalMail.State
VALUES: dict[str, Any] = {
    "name": "Noé <b>",
    "inviter": "Dora & Co",
    "company": "Shop",
    "role": "Analista",
    "days": 7,
    "url": "http://127.0.0.1:8000/join/x/",
}


def written(language: str = "es") -> TransactionalMail:
    return mail_send(template="invitation", to="new@company.example", language=language, context=VALUES)


def test_both_languages_as_text_and_html() -> None:
    english, spanish = mail_render(mail=written("en")), mail_render(mail=written("es"))
    assert english.subject == "Dora & Co invites you to Shop on Cauce"
    assert "Noé <b>" in english.body
    html = english.alternatives[0][0]
    assert "Noé &lt;b&gt;" in str(html)
    assert spanish.to == ["new@company.example"]
    assert spanish.extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("template", ["invitation", "password_reset", "security_notice"])
def test_every_template_renders(template: str) -> None:
    mail = mail_send(template=template, to="a@b.example", language="es", context={**VALUES, "event": "totp_activated"})
    message = mail_render(mail=mail)
    assert "\n" not in message.subject
    assert VALUES["url"] in str(message.body)
    assert VALUES["url"] in str(message.alternatives[0][0])


def test_sent_once_and_its_secret_forgotten(mailoutbox: list[EmailMultiAlternatives]) -> None:
    mail = written()
    assert mail_deliver(mail_id=mail.pk) is True
    assert mail_deliver(mail_id=mail.pk) is False
    mail.refresh_from_db()
    assert (mail.state, mail.context, len(mailoutbox)) == (State.SENT, {}, 1)


def test_what_a_dead_worker_held_is_due_again() -> None:
    mail = written()
    TransactionalMail.objects.update(state=State.SENDING, next_attempt_at=timezone.now() - timedelta(seconds=1))
    assert list(TransactionalMail.objects.stuck(before=timezone.now())) == [mail]
    assert list(TransactionalMail.objects.due()) == []
    assert mail_retry() == 1
    assert list(TransactionalMail.objects.due()) == [mail]
