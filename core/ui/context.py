"""What every template can read."""

from typing import Any

from django.http import HttpRequest

from core.ui.navigation import navigation_for


def interface(request: HttpRequest) -> dict[str, Any]:
    """`navigation`: list of NavigationArea for the person; lazily, so that mail and fragments cost nothing."""
    return {"navigation": lambda: navigation_for(request)}
