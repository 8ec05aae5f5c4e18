"""A mail in the browser, for recipients whose mail program cannot show it: as they got it, made anew, never kept.

The signed link in the mail is the permission. Scripts do not run and nothing of ours can be reached from it: the page
is as foreign as the mail. Looking counts as it does in the mail, by its own pixel.
"""

import re
from html import escape

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from minijinja import TemplateError

from delivery.engine.compile import CompiledVariant
from delivery.engine.merge import Merger
from delivery.preferences.services import Reader
from delivery.preferences.views.preferences import for_reader
from delivery.sends.models import Delivery, Variant

POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "img-src * data:; style-src 'unsafe-inline' *; font-src *; base-uri 'none'; form-action 'none'"
)
HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
RECEIVED = (Delivery.State.SENT, Delivery.State.UNKNOWN)


@require_safe
@for_reader
def mail_online(request: HttpRequest, reader: Reader, token: str) -> HttpResponse:
    """410 when it is not known any more what they got."""
    got = Delivery.objects.filter(send=reader.send, contact_id=reader.contact.pk, state__in=RECEIVED).first()
    variant = Variant.objects.filter(pk=got.variant_id).first() if got and got.variant_id else None
    compiled = variant.compiled if variant else None
    try:
        subject, html = Merger(CompiledVariant.load(compiled)).page(reader.contact) if compiled else ("", "")
    except TemplateError:
        html = ""
    if not html:
        return render(request, "delivery/preferences/link_expired.html", {"is_online": True}, status=410)
    response = HttpResponse(_page(subject, html))
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response


def _page(subject: str, html: str) -> str:
    """The mail as a page of its own, with its subject as the title."""
    title = f"<title>{escape(subject)}</title>"
    head = HEAD.search(html)
    if head:
        return html[: head.end()] + title + html[head.end() :]
    small = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    return f"<!doctype html><html><head>{small}{title}</head><body>{html}</body></html>"
