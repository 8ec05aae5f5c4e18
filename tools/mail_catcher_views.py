"""The local mail catcher on screen: what this machine sent, to read and to click. Gone where mail really leaves."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from accounts.access import is_director, require
from core.mail.mailbox import CaughtMessage, Mailbox

PAGE_SIZE = 50
# The letter is shown as its reader would see it, but may not run, frame or send anything here; its links open beside.
LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "img-src * data:; style-src 'unsafe-inline' *; font-src *"
)


def _require_mail_catcher(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAIL_CATCHER:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _mailbox() -> Mailbox:
    return Mailbox(settings.MAIL_CATCHER_FOLDER)


def _message_or_404(message_id: str) -> CaughtMessage:
    message = _mailbox().get(message_id)
    if message is None:
        raise Http404
    return message


@require(is_director)
@_require_mail_catcher
@require_GET
def caught_mail_list(request: HttpRequest) -> HttpResponse:
    """Newest first, `to` narrows to addresses that contain it."""
    to, before = request.GET.get("to", ""), request.GET.get("before", "")
    messages = _mailbox().newest(limit=PAGE_SIZE + 1, before=before, recipient=to)
    context = {
        "caught": messages[:PAGE_SIZE],
        "older": messages[PAGE_SIZE - 1].id if len(messages) > PAGE_SIZE else "",
        "to": to,
        "before": before,
    }
    return render(request, "tools/mail_catcher/list.html", context)


@require(is_director)
@_require_mail_catcher
@require_GET
def caught_mail_json(request: HttpRequest) -> HttpResponse:
    """`{"messages": [{id, at, from, to, subject, html, text}]}`, the newest `limit` (at most 1,000) to `to`."""
    limit = request.GET.get("limit", "")
    messages = _mailbox().newest(
        limit=min(int(limit), 1000) if limit.isascii() and limit.isdigit() and int(limit) else PAGE_SIZE,
        recipient=request.GET.get("to", ""),
    )
    return JsonResponse({"messages": [_as_json(message) for message in messages]})


def _as_json(message: CaughtMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "at": message.at.isoformat(),
        "from": message.header("From"),
        "to": list(message.recipients),
        "subject": message.subject,
        "html": message.html,
        "text": message.text,
    }


def _headers() -> dict[str, str]:
    """The headers worth seeing and what they are called; the last has no other name."""
    return {
        "From": pgettext("mail", "From"),
        "Reply-To": _("Reply to"),
        "To": pgettext("mail", "To"),
        "List-Unsubscribe": "List-Unsubscribe",
    }


@require(is_director)
@_require_mail_catcher
@require_GET
def caught_mail_detail(request: HttpRequest, message_id: str) -> HttpResponse:
    """One message: `part` is `html`, `text` or `source`."""
    message = _message_or_404(message_id)
    labels = {"html": _("Preview"), "text": _("Plain text"), "source": pgettext("mail", "Source")}
    offered = [part for part in labels if part == "source" or getattr(message, part)]
    part = request.GET.get("part", "")
    part = part if part in offered else offered[0]
    context = {
        "message": message,
        "part": part,
        "tabs": [{"label": labels[name], "url": f"?part={name}", "active": name == part} for name in offered],
        "headers": [(label, message.header(name)) for name, label in _headers().items()],
        "body": message.text if part == "text" else message.raw.decode("utf-8", "replace") if part == "source" else "",
    }
    return render(request, "tools/mail_catcher/detail.html", context)


@require(is_director)
@_require_mail_catcher
@require_GET
def caught_mail_letter(request: HttpRequest, message_id: str) -> HttpResponse:
    """The HTML part alone, for the frame of the detail page."""
    response = HttpResponse('<base target="_blank">' + _message_or_404(message_id).html)
    response["Content-Security-Policy"] = LETTER_POLICY
    response["Referrer-Policy"] = "no-referrer"
    return response
