"""How campaigns, tests and letters are written on pages."""

from django import template
from django.utils.translation import gettext as _

from campaigns.content.subject_preview import subject_preview
from campaigns.experiments.experiment_analysis import Status, Versus, per_hundred
from campaigns.experiments.models import Experiment
from core.ui import numbers

register = template.Library()
register.filter("per_hundred", per_hundred)
register.filter("subject_preview", subject_preview)


@register.filter
def verdict_tone(verdict: str) -> str:
    return "good" if verdict == Experiment.Verdict.WINNER else ""


@register.filter
def status_label(status: Status) -> str:
    return {
        Status.EMPTY: _("Waiting"),
        Status.COUNTED: _("Clicks only"),
        Status.RUNNING: _("Not conclusive yet"),
        Status.WINNER: _("A winner"),
        Status.TIED: _("Several ahead"),
        Status.NO_DIFFERENCE: _("No difference found"),
        Status.UNEVEN: _("Not reliable"),
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
