"""Where a consent or a suppression came from, in words: apps above crm name the sources they write.

A source is stored as `code` or `code:rest` ("form:spring", "bounce:17", "by hand").
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from core.registry import Registry
from crm.consent.models import Suppression


@dataclass(frozen=True)
class Source:
    """One kind of source. `detail(rest)` are its own words (a file's name, what a mail server said), `url(rest, user)`
    leads to it where that person may look at it ("" otherwise)."""

    code: str
    title: str | Promise
    detail: Callable[[str], str] = lambda rest: ""
    url: Callable[[str, User], str] = lambda rest, user: ""


@dataclass(frozen=True)
class SuppressionReason:
    """Why nothing is sent to an address: the reason, since when, what it came from in which words, and where to see
    it."""

    reason: str
    since: datetime
    because: str
    detail: str
    url: str


sources: Registry[Source] = Registry("origin")
sources.register(Source("by hand", _("Manual entry")))
sources.register(Source("api", _("API")))
sources.register(Source("import", _("File import"), detail=lambda rest: rest))
sources.register(Source("form", _("Form")))


def source_text(source: str) -> str:
    """Where it was said; as it is stored where nobody has named it."""
    code, _colon, _rest = source.partition(":")
    origin = sources.get(code)
    return str(origin.title) if origin is not None else source


def suppression_reason(row: Suppression, user: User) -> SuppressionReason:
    """Why nothing is sent to this address, as far as `user` may know it."""
    code, _colon, rest = row.source.partition(":")
    origin = sources.get(code)
    because = source_text(row.source) if code != "by hand" else ""
    if row.actor is not None and row.reason == Suppression.Reason.MANUAL:
        because = str(_("By %(person)s")) % {"person": row.actor}
    return SuppressionReason(
        str(row.get_reason_display()),
        row.at,
        because,
        origin.detail(rest) if origin is not None else "",
        origin.url(rest, user) if origin is not None else "",
    )
