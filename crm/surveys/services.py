"""Asking customers whether they would recommend us, and keeping what they answer."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import DomainError
from crm.channels.models import Channel
from crm.contacts.lifecycle import stage_move
from crm.contacts.models import Contact
from crm.surveys.models import NpsAnswer

_SIGNER_SALT = "crm.nps"
COMMENT_LENGTH = 2_000
MIN_PROMOTER_SCORE = 9
MAX_DETRACTOR_SCORE = 6


@dataclass(frozen=True)
class NpsInvitation:
    """What a survey link says: whom it was sent to (one answer, which they may correct) or, for a link anyone may
    follow, the channel it stands in."""

    token: str
    contact: Contact | None = None
    channel: Channel | None = None


def nps_url(contact_public_id: str, *, key: str = "") -> str:
    """The survey link of one person, the same each time for one `key` (a campaign's public id); pure and quick."""
    return _survey_url(f"c.{contact_public_id}.{key or '0'}")


def nps_channel_url(channel: Channel) -> str:
    """The survey link anyone may follow, for a poster, a receipt or a website."""
    return _survey_url(f"a.{channel.code}")


def _survey_url(body: str) -> str:
    token = Signer(salt=_SIGNER_SALT, sep=":").sign(body)
    return f"{settings.BASE_URL}{reverse('nps_answer', args=[token])}"


def nps_invitation(token: str) -> NpsInvitation | None:
    """What the link says, or None when it was altered or its contact or channel is gone."""
    try:
        body = Signer(salt=_SIGNER_SALT, sep=":").unsign(token)
    except BadSignature:
        return None
    kind, _dot, rest = body.partition(".")
    if kind == "a":
        channel = Channel.objects.active().filter(code=rest).first()
        return NpsInvitation(body, channel=channel) if channel else None
    contact = Contact.objects.select_related("channel").filter(public_id=rest.partition(".")[0]).first()
    return NpsInvitation(body, contact=contact) if contact else None


@transaction.atomic
def nps_answer_record(
    *,
    score: int,
    invitation: str,
    comment: str = "",
    contact: Contact | None = None,
    channel: Channel | None = None,
    source: str = "link",
    answered_at: datetime | None = None,
    actor: User | None = None,
) -> tuple[NpsAnswer, bool]:
    """Keep an answer. The same invitation again corrects score and comment and keeps the day; False then.

    A person's newest answer moves their life cycle, see `_step`. Raises DomainError `score_out_of_range`,
    `answer_in_the_future`.
    """
    if not 0 <= score <= 10:
        message = _("Choose a number from 0 to 10.")
        raise DomainError(message, code="score_out_of_range", fields={"score": message})
    if answered_at is not None and answered_at > timezone.now():
        message = _("The date of an answer cannot be in the future.")
        raise DomainError(message, code="answer_in_the_future", fields={"answered_at": message})
    answer, created = NpsAnswer.objects.get_or_create(
        invitation=invitation,
        defaults={
            "score": score,
            "comment": comment[:COMMENT_LENGTH],
            "contact": contact,
            "channel": channel,
            "source": source,
            "answered_at": answered_at or timezone.now(),
        },
    )
    if not created:
        answer.score, answer.comment = score, comment[:COMMENT_LENGTH]
        answer.save(update_fields=["score", "comment"])
    if answer.contact_id is not None:
        _stage_update(answer, answer.contact_id)
    if actor is not None:
        audit_record(actor=actor, action="nps_answer_record", subject=answer)
    return answer, created


def _stage_update(answer: NpsAnswer, contact_id: int) -> None:
    """A repeat customer who would recommend us is a promoter; whoever bought and would not is at risk; a promoter who
    no longer would is a repeat customer again. Only the newest answer says so, and a corrected one starts from where
    the person stood before it."""
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    if NpsAnswer.objects.filter(contact=contact, answered_at__gt=answer.answered_at).exists():
        return
    before, reason = contact.stage, f"nps:{answer.pk}:"
    last, own = contact.stage_changes.first(), contact.stage_changes.filter(reason__startswith=reason).last()
    start = own.before if own is not None and last is not None and last.reason.startswith(reason) else before
    stage = Contact.Stage
    if answer.score >= MIN_PROMOTER_SCORE:
        after = {stage.REPEAT: stage.PROMOTER}.get(stage(start), start)
    elif answer.score <= MAX_DETRACTOR_SCORE:
        bought = {stage.CUSTOMER, stage.REPEAT, stage.PROMOTER}
        after = stage.AT_RISK if start in bought else start
    else:
        after = stage.REPEAT if start == stage.PROMOTER else start
    if after == before:
        return
    at = max(answer.answered_at, contact.stage_since) if own is None else timezone.now()
    stage_move(contact=contact, after=after, reason=f"{reason}{answer.score}", at=at)
