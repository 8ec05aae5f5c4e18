"""The public page of the recommendation question, without sign-in.

Nothing is recorded by GET or HEAD (mail scanners follow links). The page carries no session, so a forged request could
do no more than an ordinary one: it is exempt from the CSRF token, which people without cookies would lack.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.company.public_pages import public_page
from core.ids import public_id as new_id
from core.rate_limit import within_rate_limit
from crm.surveys.models import NpsAnswer
from crm.surveys.services import COMMENT_LENGTH, nps_answer_record, nps_invitation

SCORES = tuple(range(11))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def nps_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Would you recommend us? GET asks (`?score=9` is ticked already), POST records."""
    invitation = nps_invitation(token)
    if invitation is None:
        raise Http404
    known = NpsAnswer.objects.filter(invitation=invitation.token).first() if invitation.contact else None
    context: dict[str, Any] = {"invitation": invitation, "token": token, "known": known, "scores": SCORES}
    if request.method != "POST":
        ticked = _score(request.GET.get("score", ""))
        context["score"] = ticked if ticked is not None else (known.score if known else None)
        context["comment"] = known.comment if known else ""
        context["key"] = new_id()
        return public_page(request, "crm/surveys/nps_answer.html", context)
    score = _score(request.POST.get("score", ""))
    context |= {"score": score, "comment": request.POST.get("comment", "")[:COMMENT_LENGTH]}
    context["key"] = request.POST.get("key", "")[:20] or new_id()
    if score is None:
        return public_page(
            request, "crm/surveys/nps_answer.html", {**context, "error": _("Choose a number from 0 to 10.")}, status=422
        )
    if not within_rate_limit(request, "nps"):
        error = _("Too many answers in a short time. Please try again in ten minutes.")
        return public_page(request, "crm/surveys/nps_answer.html", {**context, "error": error}, status=429)
    contact = invitation.contact
    nps_answer_record(
        score=score,
        invitation=invitation.token if contact else f"{invitation.token}.{context['key']}"[:64],
        comment=str(context["comment"]),
        contact=contact,
        channel=invitation.channel or (contact.channel if contact else None),
    )
    return public_page(request, "crm/surveys/nps_thanks.html", context)


def _score(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= 10 else None
