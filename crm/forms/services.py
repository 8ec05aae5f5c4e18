"""Public forms: making them, receiving what people send, and confirming consent by mail."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit.services import audit_each, audit_record, changed_fields
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import Conflict, DomainError
from core.mail.transactional import mail_send
from core.services.archive import archive_many, restore_many
from crm.consent.services import consent_record
from crm.forms.models import LeadForm, LeadFormSubmission
from crm.leads.services import LeadPerson, lead_record

_SIGNER_SALT = "crm.lead_form"
EDITABLE = (
    "name",
    "title",
    "intro",
    "channel",
    "attended_by",
    "content_format",
    "fields",
    "topic",
    "wording",
    "double_opt_in",
    "thank_you",
)


@transaction.atomic
def lead_form_save(*, form: LeadForm, actor: User, **values: Any) -> LeadForm:
    """Make a form (unsaved) or change one. Raises DomainError `invalid` with the fields at fault."""
    before = LeadForm.objects.get(pk=form.pk) if form.pk else None
    for name in EDITABLE:
        if name in values:
            setattr(form, name, values[name])
    if form.topic is not None and not form.wording.strip():
        message = _("Enter the consent wording.")
        raise DomainError(message, code="invalid", fields={"wording": message})
    if before is None:
        form.created_by = actor
    try:
        form.full_clean(exclude=["created_by"])
    except ValidationError as error:
        fields = {name: messages[0] for name, messages in error.message_dict.items()}
        raise DomainError(_("Please correct the marked fields."), code="invalid", fields=fields) from None
    form.save()
    audit_record(
        actor=actor,
        action="lead_form_save",
        subject=form,
        changes=changed_fields(before, form, [name for name in EDITABLE if name in values]) if before else None,
    )
    return form


def lead_form_archive(*, form: LeadForm, actor: User) -> bool:
    """Take a form off the web (its page then says so); what it brought stays. False when already archived."""
    return bool(archive_many([form], audit=audit_each(actor, "lead_form_archive")).keys)


def lead_form_restore(*, form: LeadForm, actor: User) -> bool:
    """Put an archived form back on the web. False when not archived."""
    return bool(restore_many([form], audit=audit_each(actor, "lead_form_restore")).keys)


@transaction.atomic
def lead_form_submit(
    *, form: LeadForm, key: str, email: str, values: Mapping[str, str], consent: bool, utm: Mapping[str, str]
) -> LeadFormSubmission:
    """Somebody sent a form: a lead, and consent where it was given (by mail first, when the form asks for that).

    `key` was drawn for the page they saw; the same key again returns the first submission. Raises DomainError
    `invalid` for a bad address, Conflict `form_closed` for an archived form.
    """
    known = LeadFormSubmission.objects.filter(key=key, form=form).select_related("lead").first()
    if known is not None:
        return known
    if form.archived_at is not None:
        raise Conflict(_("This form is closed."), code="form_closed")
    details = {name: value.strip() for name, value in values.items() if name in form.fields and value.strip()}
    interest, phone = details.pop("interest", ""), details.pop("phone", "")
    lead, _created = lead_record(
        person=LeadPerson(email=email, phone=phone, details=details),
        channel=form.channel,
        attended_by=form.attended_by,
        content_format=form.content_format,
        interest=interest,
        utm=utm,
        source=f"form:{form.public_id}",
        external_id=key,
    )
    asked = form.topic is not None and consent
    try:
        with transaction.atomic():
            submission = LeadFormSubmission.objects.create(
                key=key,
                form=form,
                lead=lead,
                consent_given=asked,
                topic=form.topic if asked else None,
                wording=form.wording if asked else "",
            )
    except IntegrityError:
        return LeadFormSubmission.objects.get(key=key)
    if asked and form.double_opt_in:
        _confirmation_send(submission)
    elif asked:
        _submission_consent_record(submission)
    return submission


def confirmation_token(submission: LeadFormSubmission) -> str:
    return Signer(salt=_SIGNER_SALT, sep=":").sign(submission.key)


def submission_by_token(token: str) -> LeadFormSubmission | None:
    """The submission a confirmation link belongs to; None when it was altered."""
    try:
        key = Signer(salt=_SIGNER_SALT, sep=":").unsign(token)
    except BadSignature:
        return None
    return LeadFormSubmission.objects.select_related("form__topic", "lead__contact", "topic").filter(key=key).first()


@transaction.atomic
def submission_confirm(*, submission: LeadFormSubmission) -> bool:
    """The person pressed the button in the page of their mail's link: now the consent holds. False when it did
    already."""
    changed = LeadFormSubmission.objects.filter(pk=submission.pk, consent_given=True, confirmed_at=None).update(
        confirmed_at=timezone.now()
    )
    if changed:
        _submission_consent_record(submission)
    return bool(changed)


def _confirmation_send(submission: LeadFormSubmission) -> None:
    """Mail the link by which the consent is confirmed, in the language the form was read in."""
    link = reverse("lead_form_confirm", args=[confirmation_token(submission)])
    mail_send(
        template="lead_form_confirm",
        to=submission.lead.contact.email,
        language=translation.get_language() or "en",
        context={
            "company": Company.get().name,
            "topic": str(submission.topic),
            "wording": submission.wording,
            "url": settings.BASE_URL + link,
        },
    )


def _submission_consent_record(submission: LeadFormSubmission) -> None:
    if submission.topic is None:
        return
    consent_record(
        contact=submission.lead.contact,
        topic=submission.topic,
        given=True,
        source=f"form:{submission.form.public_id}",
        wording=submission.wording,
    )
