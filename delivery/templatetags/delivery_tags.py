"""How sends, providers and domains are written on pages."""

from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.ui.dates import short_date
from delivery.feedback.smtp_reply_text import reply_explained
from delivery.sends.models import Send, TestMessage
from delivery.transports.models import Provider
from delivery.transports.provider_api.transport import KINDS

register = template.Library()
LINE_LENGTH = 24  # letters of an address that a column holds in one line


@register.filter
def state_tone(state: str) -> str:
    """The judgement colour of a send's state."""
    return {
        Send.State.SENDING.value: "accent",
        Send.State.FREEZING.value: "accent",
        Send.State.SCHEDULED.value: "accent",
        Send.State.PAUSED.value: "warn",
        Send.State.STOPPED.value: "bad",
        Send.State.LATE.value: "bad",
        Send.State.HELD.value: "bad",
        Send.State.FINISHED.value: "good",
    }.get(state, "")


@register.filter
def provider_place(place: str) -> str:
    """Where a provider's messages go, as a person says it."""
    scheme, _slashes, host = place.partition("://")
    if scheme not in KINDS:
        return host
    return " · ".join(part for part in (_("%(name)s (by its API)") % {"name": KINDS[scheme].name}, host) if part)


@register.filter
def provider_state(provider: Provider) -> dict[str, str]:
    """Whether messages go through a provider now: the word and its judgement colour."""
    if provider.paused_at:
        return {"word": pgettext("provider", "paused"), "tone": "warn"}
    uses = list(provider.uses.all())
    if any(use.is_broken for use in uses):
        return {"word": _("temporarily skipped"), "tone": "bad"}
    return {"word": _("in use"), "tone": "good"} if uses else {"word": _("not used"), "tone": ""}


@register.filter
def test_message_tone(state: str) -> str:
    """The judgement colour of a test message."""
    return {
        TestMessage.State.SENT.value: "good",
        TestMessage.State.FAILED.value: "bad",
        TestMessage.State.UNKNOWN.value: "warn",
    }.get(state, "accent")


@register.filter
def test_message_text(test_message: TestMessage) -> str:
    """What became of a test message that did not leave, in words; "" where the mail server's answer says nothing."""
    return "" if test_message.state == TestMessage.State.SENT else reply_explained(None, test_message.reply)


@register.filter
def breakable(address: str) -> str:
    """An address that may be broken over two lines before its @, where it is long."""
    name, at, domain = address.rpartition("@")
    return format_html("{}<wbr>{}{}", name, at, domain) if len(address) > LINE_LENGTH else address


@register.filter
def scheduled_time(send: Send) -> str:
    """The scheduled time on the clock of the zone it was said in."""
    if send.scheduled_at is None:
        return ""
    local = send.scheduled_at.astimezone(ZoneInfo(send.scheduled_zone or "UTC"))
    return f"{short_date(local)}, {local:%H:%M}"


@register.filter
def without_query(url: str) -> str:
    """An address as people know it: without what is added for counting."""
    return url.partition("?")[0].removeprefix("https://").rstrip("/")


@register.filter
def domain_tone(level: str) -> str:
    """The judgement colour of a sending domain's level."""
    return {"good": "good", "warn": "warn", "refuse": "bad"}.get(level, "")


@register.filter
def key_tone(state: str) -> str:
    return {"active": "good", "prepared": "accent"}.get(state, "")


@register.filter
def suffixed(text: str, value: object) -> str:
    """An element's id that counts."""
    return f"{text}{value}-"
