"""The person's own frame: where they land, their theme, their language."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import translate_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.errors import DomainError
from core.safe_urls import is_own_page
from core.ui.home import home_url
from core.ui.navigation import navigation_for


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Send each person to their own first page."""
    url = home_url(request.user)
    if url is None:
        areas = navigation_for(request)
        url = areas[0].url if areas else None
    return redirect(url) if url else render(request, "core/home.html")


@login_required
@require_POST
def interface_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    if theme not in {"auto", "light", "dark"}:
        raise DomainError(_("Choose the light, dark or device theme."), code="theme_unknown")
    get_user_model().objects.filter(pk=request.user.pk or 0).update(theme=theme)
    return redirect(next_url(request))


@require_POST
def interface_language(request: HttpRequest) -> HttpResponse:
    """Kept with the person who is signed in, in a cookie for anyone else."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise DomainError(_("Choose English or Spanish."), code="language_unknown")
    if request.user.is_authenticated:
        request.user.language = language
        request.user.save(update_fields=["language"])
    response = redirect(translate_url(next_url(request), language))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 86_400,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response


def next_url(request: HttpRequest) -> str:
    """The page to go back to, if it is one of ours."""
    url = request.POST.get("next", "")
    return url if is_own_page(request, url) else "/"
