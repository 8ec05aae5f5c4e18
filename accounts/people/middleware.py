"""Each person's own language and clock."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.company.languages import visitor_language
from accounts.company.models import Company


class PersonalSettingsMiddleware:
    """Activates the signed-in person's language and time zone (the company's where they chose none); for anyone else
    the language a visitor gets (`accounts.company.languages`) and the company's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            language, zone = user.language, user.time_zone or Company.get().time_zone
        else:
            language, zone = visitor_language(request), Company.get().time_zone
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
