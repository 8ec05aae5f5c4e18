"""The pages behind the links in a mail: leave, and choose what to receive. No sign-in, no cookie, no JavaScript.

GET and HEAD change nothing: scanners follow links. POST needs no CSRF token, since the signed link is the permission
and mail programs post by themselves (RFC 8058).
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.company.languages import visitor_language
from core.parsing import whole_number
from delivery.preferences.models import MailPreference
from delivery.preferences.services import (
    CAPS,
    Reader,
    choices_of,
    is_off_entirely,
    is_test_message,
    reader_choose,
    reader_of,
    reader_resubscribe,
    reader_unsubscribe,
    reader_unsubscribe_all,
)
from delivery.sends.channels import channel_of

View = Callable[[HttpRequest, Reader, str], HttpResponse]


def for_reader(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Find the contact of the link (404 otherwise, in words for the recipient) and use the contact's language."""

    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        if is_test_message(token):
            with override(visitor_language(request)):
                return render(request, "delivery/preferences/test_message_link.html")
        reader = reader_of(token)
        if reader is None:
            with override(visitor_language(request)):
                return render(request, "delivery/preferences/link_expired.html", status=404)
        language = visitor_language(request, known=reader.contact.language)
        with override(language):
            response = view(request, reader, token)
        response["Content-Language"] = language
        return response

    return page


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def unsubscribe(request: HttpRequest, reader: Reader, token: str) -> HttpResponse:
    """One question and one button; a POST leaves (or, with `back`, returns)."""
    done = ""
    if request.method == "POST":
        if "back" in request.POST:
            reader_resubscribe(reader=reader)
            done = "back"
        else:
            reader_unsubscribe(reader=reader)
            done = "left"
    return render(request, "delivery/preferences/unsubscribe.html", {**_shown(reader, token), "done": done})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@for_reader
def preferences(request: HttpRequest, reader: Reader, token: str) -> HttpResponse:
    """Subjects on and off, how often at most, or nothing at all."""
    is_saved = request.method == "POST"
    if is_saved and "none" in request.POST:
        reader_unsubscribe_all(reader=reader)
    elif is_saved and "back" in request.POST:
        reader_resubscribe(reader=reader)
    elif is_saved:
        chosen = {n for value in request.POST.getlist("topic") if (n := whole_number(value)) is not None}
        most = whole_number(request.POST.get("per_month", ""))
        reader_choose(reader=reader, topics=chosen, per_month=most if most in CAPS else None)
    preference = MailPreference.objects.filter(contact=reader.contact).first()
    context = {
        **_shown(reader, token),
        "is_saved": is_saved,
        "choices": choices_of(reader),
        "caps": CAPS,
        "per_month": preference.per_month if preference else None,
        "is_off": is_off_entirely(reader),
    }
    return render(request, "delivery/preferences/preferences.html", context)


def _shown(reader: Reader, token: str) -> dict[str, object]:
    brand = channel_of(reader.send).brand(reader.send)
    return {"token": token, "brand": brand, "company_name": brand.called, "topic": reader.send.topic,
            "address": reader.contact.email}  # fmt: skip
