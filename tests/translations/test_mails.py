"""Every mail the product writes by itself can be read in every language."""

import pytest
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from accounts.people.models import User
from core.mail.models import TransactionalMail
from core.mail.transactional import mail_render
from delivery.engine.compile import compile_variant
from delivery.sends.tests.factories import VariantFactory
from tests.translations.pseudo import (
    CLOSE,
    OPEN,
    company_data,
    content_pieces,
    literal_text,
    literal_words,
    pseudo_language,
)

DATA: dict[str, str | int] = {
    "company": "Tea Company",
    "name": "Ada Example",
    "inviter": "Dora Example",
    "role": "analyst",
    "topic": "News of tea",
    "wording": "Send me the news of tea.",
    "when": "3 Mar 2026, 14:05 CET",
    "ip": "192.0.2.7",
    "days": 7,
    "url": "https://cauce.example/x",
}
SECURITY_EVENTS = [
    *("password_changed", "password_reset", "totp_activated", "totp_deactivated", "recovery_codes_generated", "other"),
]
MAILS = sorted(path.name.split(".")[0] for path in (settings.BASE_DIR / "templates/mail").glob("*.subject.txt"))


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def rendered(template: str, **changes: str) -> EmailMultiAlternatives:
    mail = TransactionalMail(
        pk=1, template=template, to="ada@example.com", language="es", context=DATA | changes, created_at=timezone.now()
    )
    return mail_render(mail=mail)


@pytest.mark.parametrize(
    ("template", "event"),
    [(name, "") for name in MAILS if name != "security_notice"] + [("security_notice", e) for e in SECURITY_EVENTS],
)
def test_mail_speaks_every_language(template: str, event: str) -> None:
    known = {str(value) for value in DATA.values() if len(str(value)) > 2}
    with pseudo_language():
        message = rendered(template, event=event)
    assert OPEN in message.subject
    assert OPEN in message.body
    assert literal_text(str(message.subject), known) == []
    assert literal_text(str(message.body), known) == []
    assert literal_words(html_of(message), known) == []


@pytest.mark.parametrize("template", MAILS)
def test_mail_is_complete_in_spanish(template: str) -> None:
    """Every sentence comes out otherwise than in English, so nothing waits for a translation."""
    mail = TransactionalMail(pk=1, template=template, to="ada@example.com", context=DATA, created_at=timezone.now())
    mail.language = "en"
    english = mail_render(mail=mail)
    mail.language = "es"
    spanish = mail_render(mail=mail)
    data = {str(value) for value in DATA.values()}
    assert english.subject != spanish.subject
    shared = {line.strip() for line in str(english.body).splitlines()} & {
        line.strip() for line in str(spanish.body).splitlines()
    }
    assert shared - data - {""} == set()


@pytest.mark.django_db
def test_the_way_out_of_a_campaign_speaks_every_language() -> None:
    variant = VariantFactory.create()
    with pseudo_language():
        compiled = compile_variant(variant, variant.send)
    known = company_data() | content_pieces({variant.body})
    assert literal_words(compiled.html, known) == []
    assert f"{OPEN}Unsubscribe{CLOSE}" in compiled.html
    assert f"{OPEN}Unsubscribe{CLOSE}" in compiled.text


@pytest.mark.django_db
def test_a_security_notice_says_when_by_the_persons_own_clock(
    director: User, client, django_capture_on_commit_callbacks
) -> None:
    director.set_password("correct horse battery")
    director.language, director.time_zone = "es", "America/Bogota"
    director.save()
    client.force_login(director)
    words = {"oldpassword": "correct horse battery", "password1": "quite another one", "password2": "quite another one"}
    client.post("/accounts/password/change/", words)
    when = TransactionalMail.objects.get(template="security_notice").context["when"]
    assert when.endswith(" -05")
    assert ":" in when
