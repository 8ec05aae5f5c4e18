"""What campaigns put into consents and the list of addresses nothing is sent to, in words, with the way to it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from campaigns.models import Bounce
from core.typed import whole_number
from crm.origins import Origin, origins


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
    origins.register(Origin("bounce", _("A bounce or complaint"), detail=_said, url=_page))
    origins.register(Origin("send", _("The mail server's answer")))
    origins.register(Origin("unsubscribe link", _("The unsubscribe link")))
    origins.register(Origin("unsubscribe mail", _("A mail to the address for leaving")))
    origins.register(Origin("preference page", _("The preference page")))
