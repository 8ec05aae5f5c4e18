"""Mapping domain errors to pages, once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core.errors import DomainError


class DomainErrorMiddleware:
    """A DomainError that a view let through becomes a page (or a toast, for htmx) with its status and its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, ValueError) and "NUL (0x00)" in str(exception):  # so says the database's driver
            text = _(
                "The text contains a character that cannot be saved. Nothing "
                "was changed. Remove the character and try again."
            )
            exception = DomainError(text, code="text_invalid")
        if not isinstance(exception, DomainError):
            return None
        if request.headers.get("HX-Request"):
            response = render(request, "errors/_toast.html", {"error": exception}, status=exception.status)
            response["X-Toast"] = exception.code
            return response
        template = "errors/domain.html" if request.user.is_authenticated else "errors/bare_domain.html"
        return render(request, template, {"error": exception, "back_url": _back(request)}, status=exception.status)


def _back(request: HttpRequest) -> str:
    """The page the person came from, if it is one of ours and not the one that refused."""
    came_from = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()})
    return came_from if safe and came_from != request.build_absolute_uri() else "/"
