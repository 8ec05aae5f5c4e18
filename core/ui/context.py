"""What every template can read."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation

from core.ui.navigation import navigation_for


def theme_of(request: HttpRequest) -> str:
    """`auto`, `light` or `dark`: the person's own choice, the device's for anyone else."""
    return str(getattr(getattr(request, "user", None), "theme", "") or "auto")


def interface(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: list of NavigationArea for the person; lazily, so that mail and fragments cost nothing.
    `interface_theme`: auto, light or dark. `interface_zone`: the name of the zone times are shown in."""
    return {
        "LANGUAGE_CODE": translation.get_language() or "en",
        "navigation": lambda: navigation_for(request),
        "interface_theme": theme_of(request),
        "interface_zone": timezone.get_current_timezone_name().replace("_", " "),
    }
