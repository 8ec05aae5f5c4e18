"""Template tags and filters of the design system, built into every template."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import json_script, strip_tags
from django.utils.safestring import SafeString

from core.models import Job
from core.ui import badges, dates, numbers
from core.ui.charts import Chart
from core.ui.job_kinds import job_kind
from core.ui.job_progress import job_context
from core.ui.messages import UNDO

register = template.Library()


@register.simple_tag(takes_context=True)
def block_text(context: Context, name: str) -> str:
    """The words of the page's block `name`, without markup: so that a page writes its title once."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY) if context.render_context is not None else None
    block = blocks.get_block(name) if blocks else None
    return SafeString(" ".join(strip_tags(block.render(context)).split())) if block else ""


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: object) -> str:
    """This page's address with some query parameters changed; None or "" removes one."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return "?" + query.urlencode()


register.simple_tag(badges.badge, name="badge")
register.simple_tag(badges.avatar, name="avatar")
register.simple_tag(badges.icon, name="icon")
register.filter("number", numbers.number)
register.filter("percent", numbers.percent)
register.filter("money", numbers.money)
register.filter("compact", numbers.compact)
register.filter("duration", numbers.duration)
register.filter("moment", dates.moment)
register.filter("clock", dates.clock)
register.filter("day", dates.day)
register.filter("day_as", dates.day_as)


@register.filter
def yesno_is(value: object, other: object) -> str:
    """ "true" when both are the same, else "false": for aria attributes."""
    return "true" if str(value) == str(other) else "false"


@register.filter
def money_round(value: Decimal | float | None) -> str:
    """`{{ amount|money_round }}`: without cents, for axes and tiles."""
    return numbers.money(value, places=0)


@register.filter
def unit_price(value: Decimal | None, currency: str) -> str:
    """`{{ line.unit_price|unit_price:order.currency }}`: the third and fourth decimal only where they say something."""
    exact = value is None or value == round(value, 2)
    return numbers.money(value, currency, None if exact else 4)


@register.filter
def money_in(value: Decimal | float | None, currency: str) -> str:
    """`{{ amount|money_in:order.currency }}` where it is not the company's."""
    return numbers.money(value, currency)


@register.filter
def call(function: Callable[[Any], Any], value: Any) -> Any:
    """`{{ column.render|call:row }}`."""
    return function(value)


@register.filter
def joined(values: Iterable[object]) -> str:
    """ "Lima, Cusco, Puno"."""
    return ", ".join(str(value) for value in values)


@register.filter
def undo_url(message: Any) -> str:
    """The address that takes back what a toast tells of, or nothing."""
    tags = str(getattr(message, "extra_tags", "") or "")
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""


@register.filter
def share_of(done: int | None, total: int | None) -> int | None:
    """Whole percents of `total`, rounded down, at most 100; None while the total is unknown."""
    return min(100, (done or 0) * 100 // total) if total else None


@register.simple_tag
def chart_data(chart: Chart, element_id: str) -> SafeString:
    """The chart's specification as inert JSON that charts.js reads."""
    return json_script(chart.data, f"{element_id}-data")


@register.filter
def job_done_url(job: Job) -> str:
    """Where to go on after this job."""
    kind = job_kind(job)
    return kind.done_url(job) if kind.done_url else ""


@register.filter
def job_back_url(job: Job) -> str:
    """Where to start such a job again."""
    kind = job_kind(job)
    return kind.back_url(job) if kind.back_url else ""


@register.inclusion_tag("components/job.html", takes_context=True)
def job_progress(context: Context, job: Job) -> dict[str, Any]:
    """A job's live progress inside any page."""
    return {**job_context(job), "csrf_token": context.get("csrf_token")}
