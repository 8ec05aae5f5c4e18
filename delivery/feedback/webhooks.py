"""Reports of mail providers: checked by django-anymail's views (signature or password), recorded by the one service."""

import hashlib
import json
import warnings
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record
from accounts.people.models import User
from core.errors import DomainError
from core.secrets import secret_open, secret_seal
from crm.consent.models import Suppression
from crm.consent.services import suppression_add
from delivery.feedback.match import match
from delivery.feedback.models import Bounce, ProviderWebhook
from delivery.feedback.provider_reports import report_of
from delivery.feedback.report import Report
from delivery.feedback.resend import ResendWebhook, key_of
from delivery.feedback.services import bounce_record
from delivery.feedback.sns import ARN, SesWebhook

log = structlog.get_logger(__name__)
Provider = ProviderWebhook.Provider

USER = "cauce"
MAX_EVENTS = 10_000
FRESH = timedelta(hours=24)
SIGNED = ProviderWebhook.KEY_COMES_LATER | {Provider.MAILGUN, Provider.POSTAL, Provider.SES}


# What reading a report that is not as documented may end with.
UNREADABLE = (
    ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError, AssertionError,
)  # fmt: skip


class Refused(Exception):
    """A request that is not the provider's, or that cannot be read: nothing was changed."""


@transaction.atomic
def webhook_save(*, hook: ProviderWebhook, secret: str, actor: User) -> ProviderWebhook:
    """Add or change a provider's address; an empty secret keeps the stored one.

    Raises DomainError `hook_without_secret` for a provider whose key is known beforehand, `hook_secret_invalid`.
    """
    if secret:
        _check_secret(hook.provider, secret)
        hook.secret = secret_seal(secret)
    elif not hook.secret and hook.provider in SIGNED - ProviderWebhook.KEY_COMES_LATER:
        words = _("This provider signs its reports. Enter the provider's key.")
        raise DomainError(words, code="hook_without_secret", fields={"secret": words})
    is_new = hook.pk is None
    hook.save()
    changes = {} if is_new or not secret else {"secret": ("•••", "•••")}
    audit_record(actor=actor, action="hook_save", subject=hook, changes=changes)
    return hook


def _check_secret(provider: str, secret: str) -> None:
    words = ""
    if provider == Provider.SES and not ARN.match(secret):
        words = _("Enter the topic's ARN, for example arn:aws:sns:eu-west-1:123456789012:bounces.")
    elif provider == Provider.SENDGRID:
        try:
            _sendgrid(secret)
        except ValueError:
            words = _("This is not SendGrid's verification key. It begins with MFkw.")
    elif provider == Provider.RESEND:
        try:
            key_of(secret)
        except ValueError:
            words = _("This is not Resend's signing secret. It begins with whsec_.")
    elif provider == Provider.POSTAL:
        try:
            load_der_public_key(b64decode(secret, validate=True))
        except ValueError:
            words = _("This is not Postal's public key. Enter the part after p=.")
    elif not secret.isascii():
        words = _("The key contains characters that are not allowed.")
    if words:
        raise DomainError(words, code="hook_secret_invalid", fields={"secret": words})


@transaction.atomic
def webhook_archive(*, hook: ProviderWebhook, actor: User, archived: bool = True) -> ProviderWebhook:
    """Take no more reports at this address, or take them again."""
    hook.archived_at = timezone.now() if archived else None
    hook.save(update_fields=["archived_at"])
    audit_record(actor=actor, action="hook_archive" if archived else "hook_restore", subject=hook)
    return hook


def webhook_url(hook: ProviderWebhook) -> str:
    """What is pasted at the provider; with the password in it where the provider does not sign."""
    address = f"{settings.BASE_URL}{reverse('provider_hook', args=[hook.public_id])}"
    if hook.provider in SIGNED:
        return address
    scheme, _slashes, rest = address.partition("://")
    return f"{scheme}://{USER}:{secret_open(hook.password)}@{rest}"


def webhook_receive(*, hook: ProviderWebhook, request: HttpRequest) -> int:
    """Check a request and record what it reports; how many events were new. Raises Refused, and counts it."""
    try:
        events = _events(hook, request)
    except (AnymailError, AnymailWebhookValidationFailure, Refused) as error:
        raise _refuse(hook, str(error)) from error
    except UNREADABLE as error:
        raise _refuse(hook, f"unreadable: {type(error).__name__}") from error
    recorded = sum(_take(hook, event, report) for event, report in events)
    ProviderWebhook.objects.filter(pk=hook.pk).update(received=F("received") + 1, received_at=timezone.now())
    return recorded


def _refuse(hook: ProviderWebhook, reason: str) -> Refused:
    log.warning("hook_refused", hook=hook.public_id, provider=hook.provider, reason=reason[:200])
    ProviderWebhook.objects.filter(pk=hook.pk).update(refused=F("refused") + 1, refused_at=timezone.now())
    return Refused(reason)


def _events(hook: ProviderWebhook, request: HttpRequest) -> list[tuple[Any, Report | None]]:
    """The events of a request that was proven to be the provider's, each with the report it makes."""
    view = _view(hook)
    view.setup(request)
    view.run_validators(request)
    if hook.provider == Provider.MAILGUN:
        _once(hook, request)
    events = view.parse_events(request)
    if len(events) > MAX_EVENTS:
        raise Refused("too many events in one request")
    # All are read before anything is recorded, so that a broken one changes nothing.
    return [(event, report_of(hook.provider, event)) for event in events]


def _view(hook: ProviderWebhook) -> Any:
    secret = secret_open(hook.secret)
    if not secret and hook.provider in SIGNED:
        raise Refused("its key is not here yet")
    password = [f"{USER}:{secret_open(hook.password)}"]
    makers: dict[str, Callable[[], Any]] = {
        Provider.SES: lambda: SesWebhook(topic=secret),
        Provider.BREVO: lambda: BrevoTrackingWebhookView(webhook_secret=password),
        Provider.MAILERSEND: lambda: MailerSendTrackingWebhookView(signing_secret=secret, webhook_secret=[]),
        Provider.MAILGUN: lambda: MailgunTrackingWebhookView(webhook_signing_key=secret, webhook_secret=[]),
        Provider.MAILJET: lambda: MailjetTrackingWebhookView(webhook_secret=password),
        Provider.MAILTRAP: lambda: MailtrapTrackingWebhookView(tracking_secret=secret, webhook_secret=[]),
        Provider.MANDRILL: lambda: MandrillCombinedWebhookView(
            webhook_key=secret, webhook_url=webhook_url(hook), webhook_secret=[]
        ),
        Provider.POSTAL: lambda: PostalTrackingWebhookView(webhook_key=secret, webhook_secret=[]),
        Provider.RESEND: lambda: ResendWebhook(secret=secret),
        Provider.POSTMARK: lambda: PostmarkTrackingWebhookView(webhook_secret=password),
        Provider.SENDGRID: lambda: _sendgrid(secret),
        Provider.SPARKPOST: lambda: SparkPostTrackingWebhookView(webhook_secret=password),
    }
    return makers[hook.provider]()


def _sendgrid(secret: str) -> Any:
    with warnings.catch_warnings():
        # anymail warns that it cannot try SendGrid against a live account.
        warnings.simplefilter("ignore")
        return SendGridTrackingWebhookView(tracking_webhook_verification_key=secret, webhook_secret=[])


def _once(hook: ProviderWebhook, request: HttpRequest) -> None:
    """Mailgun signs a time and a token, not the body: an old signature, or one seen with another body, is a replay."""
    block = json.loads(request.body)["signature"] if request.content_type == "application/json" else request.POST
    at = datetime.fromtimestamp(int(block["timestamp"]), tz=UTC)
    if abs(timezone.now() - at) > FRESH:
        raise Refused("an old signature")
    body = hashlib.sha256(repr(sorted(request.POST.items())).encode() if request.POST else request.body).hexdigest()
    key = f"hook:{hook.pk}:{hashlib.sha256(str(block['token']).encode()).hexdigest()}"
    if not cache.add(key, body, timeout=int(2 * FRESH.total_seconds())) and cache.get(key) != body:
        raise Refused("a signature used before")


def _take(hook: ProviderWebhook, event: Any, report: Report | None) -> bool:
    if report is not None:
        return bounce_record(report=report) is not None
    if event.event_type == "unsubscribed" and event.recipient:
        return _unsubscribed(hook, event)
    return False


def _unsubscribed(hook: ProviderWebhook, event: Any) -> bool:
    """Somebody left through the provider's own link or address: the same as leaving through ours."""
    plain = Report("", Bounce.Kind.SOFT, Bounce.Source.WEBHOOK, hook.provider, str(event.recipient))
    hashed = match(plain).hash
    return bool(hashed) and suppression_add(
        hashed=hashed, reason=Suppression.Reason.UNSUBSCRIBED, source=f"{hook.get_provider_display()} unsubscribe"
    )
