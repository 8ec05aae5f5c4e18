"""What pages with a text show beside it: its preview, and its last test messages."""

from typing import Any

from csp.decorators import csp
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from accounts.access import SignedInRequest
from campaigns.content.previews import preview_of
from core.errors import DomainError
from crm.contacts.models import Contact
from delivery.sends.models import Send, Variant
from delivery.sends.test_messages import recent_test_messages

# A preview shows foreign HTML: no script, no form, no frame of its own; pictures come from where the mail has them.
PREVIEW_POLICY: dict[str, Any] = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'", "https:"],
    "img-src": ["'self'", "data:", "https:", "http:"],
    "font-src": ["https:", "data:"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "sandbox": ["allow-popups"],
}
DARK = (
    "<style>html{filter:invert(1) hue-rotate(180deg);background:#e8e8e8}"
    "img,video{filter:invert(1) hue-rotate(180deg)}</style>"
)


def recent_test_messages_context(send: Send, url: str) -> dict[str, Any]:
    """The last test messages of a send and what became of them; `url` is asked again while one is under way."""
    test_messages = recent_test_messages(send_id=send.pk)
    waiting = any(test_message.is_under_way for test_message in test_messages)
    return {"test_messages": test_messages, "test_messages_url": url, "test_messages_wait": waiting}


def preview_response(request: SignedInRequest, variant: Variant, reader: Contact | None) -> HttpResponseBase:
    """A rendered message, or the sentence why it cannot be shown: for a frame of ours, under its own policy."""

    @xframe_options_sameorigin
    @csp(PREVIEW_POLICY)
    def framed(request: HttpRequest) -> HttpResponse:
        try:
            shown = preview_of(variant=variant, contact=reader)
        except DomainError as error:
            return render(request, "campaigns/content/_preview_error.html", {"error": error}, status=200)
        if request.GET.get("part") == "text":
            return HttpResponse(shown.text, content_type="text/plain; charset=utf-8")
        html = shown.html
        if request.GET.get("dark") == "1":
            html = html.replace("</head>", f"{DARK}</head>", 1)
        return HttpResponse(html)

    return framed(request)
