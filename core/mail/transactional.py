"""Sending transactional mail: written down in the caller's transaction, handed to the worker after it commits.

A template is three files under `templates/mail/`: `NAME.subject.txt`, `NAME.txt` and `NAME.html` (which extends
`mail/base.html`). No tracking, no List-Unsubscribe: this is not marketing.
"""

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from core.mail.models import TransactionalMail
from core.tasks import JsonValue, enqueue

# Wait after the first, second, … failure; after the last one the mail is given up.
RETRY_DELAYS = [timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 120, 240, 480)]
CLAIM_LIFETIME = timedelta(minutes=10)


def mail_send(*, template: str, to: str, language: str, context: dict[str, JsonValue]) -> TransactionalMail:
    """Write down a mail and send it after commit. `context` must be plain JSON values."""
    mail = TransactionalMail.objects.create(template=template, to=to, language=language, context=context)
    enqueue("core.mail_send", mail_id=mail.pk)
    return mail


def mail_deliver(*, mail_id: int) -> bool:
    """Hand one waiting mail to the mail server. False when it was not waiting or did not get through yet."""
    now = timezone.now()
    claimed = TransactionalMail.objects.due(at=now).filter(pk=mail_id)
    if not claimed.update(state=TransactionalMail.State.SENDING, next_attempt_at=now + CLAIM_LIFETIME):
        return False
    mail = TransactionalMail.objects.get(pk=mail_id)
    try:
        mail_render(mail=mail).send()
    except (smtplib.SMTPException, OSError) as error:
        _failed(mail, error)
        return False
    mail.state, mail.sent_at, mail.context, mail.error = TransactionalMail.State.SENT, timezone.now(), {}, ""
    mail.attempts += 1
    mail.save(update_fields=["state", "sent_at", "context", "error", "attempts"])
    return True


def mail_render(*, mail: TransactionalMail) -> EmailMultiAlternatives:
    """The message in the mail's language, as text and HTML."""
    with translation.override(mail.language):
        values = {**mail.context, "base_url": settings.BASE_URL, "language": mail.language}
        subject = " ".join(render_to_string(f"mail/{mail.template}.subject.txt", values).split())
        text = render_to_string(f"mail/{mail.template}.txt", values).strip() + "\n"
        html = render_to_string(f"mail/{mail.template}.html", {**values, "subject": subject})
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": message_id(mail=mail)}
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [mail.to], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def message_id(*, mail: TransactionalMail) -> str:
    """The same at every attempt: when an answer was lost on the way, the mail programs show one message, not two."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<t{mail.pk}.{mail.created_at:%Y%m%d%H%M%S%f}@{domain}>"


def mail_retry() -> int:
    """Enqueue every mail whose next attempt is due, and those a dead worker held. Returns how many."""
    now = timezone.now()
    TransactionalMail.objects.stuck(before=now).update(state=TransactionalMail.State.WAITING)
    due = list(TransactionalMail.objects.due(at=now).values_list("pk", flat=True)[:1000])
    for mail_id in due:
        enqueue("core.mail_send", mail_id=mail_id)
    return len(due)


def mails_hold(taken_at: datetime) -> Iterator[str]:
    """Give up what had not left when a backup was taken: it may have left since. Who misses one asks for it again."""
    unsent = TransactionalMail.objects.filter(
        state__in=[TransactionalMail.State.WAITING, TransactionalMail.State.SENDING]
    )
    error = f"Restored from a backup of {taken_at:%Y-%m-%d %H:%M}: it may have been sent since"
    count = unsent.update(state=TransactionalMail.State.FAILED, error=error, context={})
    yield f"Invitations and other transactional mails given up, since they may have left: {count}."


def _failed(mail: TransactionalMail, error: Exception) -> None:
    permanent = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )
    mail.attempts += 1
    mail.error = str(error)[:300]
    if permanent or mail.attempts > len(RETRY_DELAYS):
        mail.state, mail.context = TransactionalMail.State.FAILED, {}
    else:
        mail.state, mail.next_attempt_at = (
            TransactionalMail.State.WAITING,
            timezone.now() + RETRY_DELAYS[mail.attempts - 1],
        )
    mail.save(update_fields=["state", "attempts", "error", "context", "next_attempt_at"])
