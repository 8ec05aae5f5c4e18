"""What production refuses to start with."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import LazySettings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured


def production_faults(settings: LazySettings) -> list[str]:
    """Why these settings must not face the world; nothing outside production."""
    if not settings.PRODUCTION:
        return []
    faults = []
    if settings.SECRET_KEY == settings.DEVELOPMENT_SECRET_KEY or len(settings.SECRET_KEY) < 32:
        faults.append("SECRET_KEY is the default one or too short: set 50 random characters.")
    if settings.DEBUG:
        faults.append("DEBUG shows the program's inside to everyone: unset it.")
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        faults.append("ALLOWED_HOSTS names no host: set it to the names people use, separated by commas.")
    return faults


def refuse_unsafe_production() -> None:
    """For processes that run no system checks by themselves. Raises ImproperlyConfigured."""
    from django.conf import settings

    if faults := production_faults(settings):
        raise ImproperlyConfigured("Production does not start like this. " + " ".join(faults))


@register(Tags.security)
def production_check(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    from django.conf import settings

    found: list[CheckMessage] = [Error(fault, id="config.E001") for fault in production_faults(settings)]
    if settings.PRODUCTION and not settings.BASE_URL.startswith("https://"):
        found.append(Warning("BASE_URL is not https: links in mails will not be.", id="config.W001"))
    if settings.PRODUCTION and settings.SUPPRESSION_KEY == settings.SECRET_KEY:
        found.append(
            Warning("Set SUPPRESSION_KEY: who unsubscribed must outlive a change of SECRET_KEY.", id="config.W002")
        )
    return found
