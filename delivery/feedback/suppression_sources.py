"""What campaigns put into consents and the suppression list, in words, with the way to it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from core.parsing import whole_number
from crm.consent.suppression_sources import Source, sources
from delivery.feedback.models import Bounce


def _said(rest: str) -> str:
    """What the mail server said of the address."""
    bounce = _bounce(rest)
    if bounce is None:
        return ""
    said = bounce.diagnostic or ""
    return said if bounce.code in said else f"{bounce.code} {said}".strip()


def _page(rest: str, user: User) -> str:
    """The report, for the office."""
    bounce = None if user.is_salesperson else _bounce(rest)
    return reverse("bounce_detail", kwargs={"pk": bounce.pk}) if bounce is not None else ""


def _bounce(rest: str) -> Bounce | None:
    number = whole_number(rest)
    return Bounce.objects.filter(pk=number).only("code", "diagnostic").first() if number is not None else None


def register() -> None:
    sources.register(Source("bounce", _("A bounce or complaint"), detail=_said, url=_page))
    sources.register(Source("send", _("Mail server reply")))
    sources.register(Source("unsubscribe link", _("The unsubscribe link")))
    sources.register(Source("unsubscribe mail", _("An unsubscribe e-mail")))
    sources.register(Source("preference page", _("The preference page")))
