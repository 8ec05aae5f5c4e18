"""How campaigns, tests and letters are written on pages."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import experiments
from campaigns.engine.api import KINDS
from campaigns.experiments import Status, Versus
from campaigns.models.providers import Provider
from campaigns.models.sends import Experiment, Send
from campaigns.models.trials import Trial
from campaigns.replies import reply_in_words
from core.ui import numbers
from core.ui.dates import short_date

register = template.Library()
register.filter("per_hundred", experiments.per_hundred)
FITS = 24  # letters of an address that a column holds in one line
CONDITIONAL = re.compile(r"\{%-?\s*if\b.*?\{%-?\s*endif\s*-?%\}", re.DOTALL)
MERGE = re.compile(r"{%.*?%}|{{\s*(?:contact\.first_name)\|default\(\"([^\"]*)\"\)\s*}}|{{.*?}}", re.DOTALL)


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
        return {"word": _("passed over"), "tone": "bad"}
    return {"word": _("in use"), "tone": "good"} if uses else {"word": _("not used"), "tone": ""}


@register.filter
def trial_tone(state: str) -> str:
    """The judgement colour of a test message."""
    return {Trial.State.SENT.value: "good", Trial.State.FAILED.value: "bad", Trial.State.UNKNOWN.value: "warn"}.get(
        state, "accent"
    )


@register.filter
def trial_words(trial: Trial) -> str:
    """What became of a test message that did not leave, in words; "" where the mail server's answer says nothing."""
    return "" if trial.state == Trial.State.SENT else reply_in_words(None, trial.reply)


@register.filter
def breakable(address: str) -> str:
    """An address that may be broken over two lines before its @, where it is long."""
    name, at, domain = address.rpartition("@")
    return format_html("{}<wbr>{}{}", name, at, domain) if len(address) > FITS else address


@register.filter
def verdict_tone(verdict: str) -> str:
    return "good" if verdict == Experiment.Verdict.WINNER else ""


@register.filter
def status_label(status: Status) -> str:
    return {
        Status.EMPTY: _("Waiting"),
        Status.COUNTED: _("Counted only"),
        Status.RUNNING: _("Not sure yet"),
        Status.WINNER: _("A winner"),
        Status.TIED: _("Several ahead"),
        Status.NO_DIFFERENCE: _("No difference found"),
        Status.UNEVEN: _("Do not act on this"),
    }[status]


@register.filter
def status_tone(status: Status) -> str:
    return {Status.WINNER: "good", Status.TIED: "good", Status.UNEVEN: "bad"}.get(status, "")


@register.filter
def differs_label(what: str) -> str:
    """In what the arms differ, in words."""
    return {
        "subject": _("subject"),
        "sender": _("sender"),
        "content": _("content"),
        "offer": _("offer"),
        "time": _("time"),
    }.get(what, what)


@register.filter
def said_time(send: Send) -> str:
    """The scheduled time on the clock of the zone it was said in."""
    if send.scheduled_at is None:
        return ""
    local = send.scheduled_at.astimezone(ZoneInfo(send.scheduled_zone or "UTC"))
    return f"{short_date(local)}, {local:%H:%M}"


@register.filter
def item(values: Mapping[Any, Any], key: Any) -> Any:
    """`{{ outcomes|item:letter.pk }}`."""
    return values.get(key)


@register.filter
def spoken(text: str) -> str:
    """A template's words as somebody would read them out: conditional parts left out, merge fields as their default."""
    certain = CONDITIONAL.sub("", text or "")
    return " ".join(MERGE.sub(lambda match: match[1] or "…", certain).split())


def _scale(versus: Versus) -> float:
    """Half the width of the picture, in share: the interval and zero fit with a margin."""
    return max(abs(versus.result.low), abs(versus.result.high), 0.001) * 1.15


def _place(versus: Versus, value: float) -> str:
    return f"{50 + 50 * value / _scale(versus):.2f}"


@register.filter
def whisker_zero(versus: Versus) -> str:
    return "50"


@register.filter
def whisker_low(versus: Versus) -> str:
    return _place(versus, versus.result.low)


@register.filter
def whisker_dot(versus: Versus) -> str:
    return _place(versus, versus.result.difference)


@register.filter
def whisker_width(versus: Versus) -> str:
    return f"{50 * (versus.result.high - versus.result.low) / _scale(versus):.2f}"


@register.filter
def likely(chance: float) -> str:
    """A chance in per cent that never claims to be certain: "over 99.9%"."""
    if chance > 0.999:
        return _("over %(share)s") % {"share": numbers.percent(0.999)}
    if chance < 0.001:
        return _("under %(share)s") % {"share": numbers.percent(0.001)}
    return numbers.percent(chance)


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
