"""In which language a page speaks to somebody who has not signed in."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.company.models import Company


def visitor_language(request: HttpRequest, *, known: str = "") -> str:
    """What the visitor chose (`?lang=es` on the pages of contacts, the cookie on the others), else what is `known` of
    the person, else what the browser asks for, else the company's language."""
    ours = [code for code, _name in settings.LANGUAGES]
    asked = [
        code.split("-")[0] for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    wishes = [request.GET.get("lang", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), known[:2], *asked]
    wishes.append(Company.get().language)
    return next((code for code in wishes if code in ours), get_language_from_request(request))
