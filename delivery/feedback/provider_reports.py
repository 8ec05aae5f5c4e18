"""What a provider's event says in our words: hard, soft, unwanted or a complaint; None for what is no failure.

django-anymail brings the events of all providers to one form, which does not tell a dead address from a full mailbox.
That is read here from what each provider says besides, and else from the mail server's own answer.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from delivery.feedback.codes import kind_of, status_in
from delivery.feedback.models import Bounce, ProviderWebhook
from delivery.feedback.report import Report

Kind = Bounce.Kind
Provider = ProviderWebhook.Provider
TEXT_KEPT = 64 * 1024
RAW_KEPT = 4_000

SPARKPOST = {
    Kind.HARD: {"10", "30"},
    Kind.SOFT: {"1", "20", "21", "22", "24", "40", "70"},
    Kind.BLOCK: {"23", "25", "50", "51", "52", "53", "54"},
}
SES_UNWANTED = {"ContentRejected", "AttachmentRejected", "MessageTooLarge"}
# (provider, the word it uses) -> what that means.
WORDS = {
    Provider.BREVO: {
        "hard_bounce": Kind.HARD, "invalid_email": Kind.HARD, "soft_bounce": Kind.SOFT, "blocked": Kind.BLOCK,
    },
    Provider.MAILERSEND: {"hard_bounced": Kind.HARD, "soft_bounced": Kind.SOFT},
    Provider.MAILTRAP: {"bounce": Kind.HARD},
    Provider.MANDRILL: {"hard_bounce": Kind.HARD, "soft_bounce": Kind.SOFT},
    Provider.POSTMARK: {
        "HardBounce": Kind.HARD, "BadEmailAddress": Kind.HARD, "SoftBounce": Kind.SOFT, "Blocked": Kind.BLOCK,
        "VirusNotification": Kind.BLOCK, "DMARCPolicy": Kind.BLOCK,
    },
    Provider.SENDGRID: {"blocked": Kind.BLOCK, "expired": Kind.SOFT},
}  # fmt: skip


def report_of(provider: str, event: Any) -> Report | None:
    """The report an event of django-anymail makes."""
    given = _plain(event.esp_event)
    said = " ".join(str(part) for part in (event.mta_response, event.description) if part)
    kind = _kind(provider, event, given, said)
    if kind is None or not event.recipient:
        return None
    text = json.dumps(given, default=str)
    at = event.timestamp if isinstance(event.timestamp, datetime) else None
    return Report(
        key=_key(provider, event, given, kind),
        kind=kind,
        source=Bounce.Source.WEBHOOK,
        origin=provider,
        address=str(event.recipient)[:254],
        at=at.astimezone(UTC) if at is not None and at.tzinfo else None,
        code=status_in(said) or str(given.get("status", ""))[:12],
        diagnostic=" ".join(said.split())[:500],
        raw=text[:RAW_KEPT],
        text=text[:TEXT_KEPT],
    )


def _plain(event: Any) -> dict[str, Any]:
    """The provider's own event as a dictionary (a form comes as a QueryDict)."""
    if hasattr(event, "dict"):
        event = event.dict()
    return dict(event) if isinstance(event, Mapping) else {"event": str(event)}


def _key(provider: str, event: Any, given: dict[str, Any], kind: Bounce.Kind) -> str:
    """The provider's id of the event where it gives one, else the event itself."""
    data = given.get("event-data")
    # Mailgun signs a repeated delivery anew; its id is unique within a day.
    identity = f"{data.get('id')} {data.get('timestamp')}" if isinstance(data, dict) else event.event_id
    said = f"{identity or json.dumps(given, default=str)} {str(event.recipient).lower()} {kind}"
    return f"{provider}:{hashlib.sha256(said.encode()).hexdigest()}"


def _kind(provider: str, event: Any, given: dict[str, Any], said: str) -> Bounce.Kind | None:
    match event.event_type:
        case "complained":
            return Kind.COMPLAINT
        case "failed" if provider != Provider.POSTAL:
            return None
        case "bounced" | "failed":
            return _said_by_provider(provider, given) or _by_reason(event.reject_reason, given, said)
        case "rejected":
            # Not even tried: the provider has the address on its own list, or our message was not let through.
            own = _said_by_provider(provider, given)
            return own or (Kind.HARD if event.reject_reason in {"bounced", "invalid"} else Kind.BLOCK)
    return None


def _by_reason(reason: str | None, given: dict[str, Any], said: str) -> Bounce.Kind:
    if reason == "invalid":
        return Kind.HARD
    if reason == "timed_out":
        return Kind.SOFT
    return kind_of(status_in(str(given.get("status", ""))), said)


def _said_by_provider(provider: str, given: dict[str, Any]) -> Bounce.Kind | None:
    match provider:
        case Provider.SES:
            bounce = given.get("bounce") or {}
            if bounce.get("bounceType") == "Permanent":
                return Kind.HARD
            return Kind.BLOCK if bounce.get("bounceSubType") in SES_UNWANTED else Kind.SOFT
        case Provider.RESEND:
            bounce = (given.get("data") or {}).get("bounce") or {}
            if bounce.get("type") == "Permanent":
                return Kind.HARD
            return Kind.BLOCK if bounce.get("subType") in SES_UNWANTED else Kind.SOFT
        case Provider.MANDRILL if given.get("event") == "reject":
            said = (given.get("msg") or {}).get("reject") or {}
            return Kind.HARD if said.get("reason") in {"hard-bounce", "invalid"} else Kind.BLOCK
        case Provider.MAILJET:
            if given.get("hard_bounce") in {True, "true"}:
                return Kind.HARD
            return Kind.BLOCK if given.get("blocked") or given.get("event") == "blocked" else Kind.SOFT
        case Provider.SPARKPOST:
            msys = given.get("msys") or {}
            number = str(next((one.get("bounce_class") for one in msys.values() if isinstance(one, dict)), ""))
            return next((kind for kind, numbers in SPARKPOST.items() if number in numbers), None)
    word = str((given.get("data") or {}).get("type", "") if provider == Provider.MAILERSEND else "")
    words = (word, str(given.get("event", "")), str(given.get("Type", "")), str(given.get("type", "")))
    return next((WORDS[Provider(provider)][one] for one in words if one in WORDS.get(Provider(provider), {})), None)
