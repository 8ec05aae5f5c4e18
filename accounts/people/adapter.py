"""How allauth behaves here: nobody signs up on their own, mail goes through the worker, lockouts say what to do."""

from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.company.models import Company
from accounts.people.models import User
from core.mail.transactional import mail_send
from core.ui.dates import moment


class CauceAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is wrong. Check both and try again."),
        "too_many_login_attempts": _(
            "Too many failed attempts. Sign-in with this address is locked for five "
            "minutes. Try again after that, or choose a new password now."
        ),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link was already used or is too old. Ask for a new one."),
        "rate_limited": _("Too many requests in a short time. Wait a minute and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count per address, whatever host name the request carried."""
        return str(credentials.get("email", "")).strip().lower()

    def reauthenticate(self, user: User, password: str) -> bool:
        credentials = {"email": user.email, "password": password}
        found = self.authenticate(self.request, **credentials)
        return found is not None and found.pk == user.pk

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": context["uid"], "key": context["key"]})
        mail_send(
            template="password_reset",
            to=user.email,
            language=user.language,
            context={"name": user.full_name, "company": Company.get().name, "url": settings.BASE_URL + path},
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell a person that how they sign in was changed, by their own clock."""
        zone = ZoneInfo(user.time_zone or Company.get().time_zone)
        with translation.override(user.language), timezone.override(zone):
            when = moment(timezone.now())
        mail_send(
            template="security_notice",
            to=user.email,
            language=user.language,
            context={
                "event": template_prefix.rsplit("/", 1)[-1],
                "name": user.full_name,
                "company": Company.get().name,
                "when": when,
                "ip": self.get_client_ip(self.request),
                "url": settings.BASE_URL + reverse("account_reset_password"),
            },
        )
