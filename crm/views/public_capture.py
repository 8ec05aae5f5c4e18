"""Pages of visitors and customers, without sign-in: lead forms, their confirmation, the recommendation question.

Nothing is recorded by GET or HEAD (mail scanners follow links). The pages carry no session, so a forged request could
do no more than an ordinary one: they are exempt from the CSRF token, which people without cookies would lack.
"""

from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Company
from core.errors import DomainError
from core.ids import public_id as new_id
from crm.models import LeadForm, LeadFormSubmission, NpsAnswer
from crm.services.lead_forms import lead_form_submit, submission_confirm, submission_of
from crm.services.nps import COMMENT_LENGTH, nps_answer_record, nps_invitation

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
SENDINGS, SECONDS = 30, 600
SCORES = tuple(range(11))


def within_limit(request: HttpRequest, what: str) -> bool:
    """At most 30 sendings in ten minutes from one address; X-Forwarded-For is not believed."""
    key = f"capture:{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) <= SENDINGS
    except ValueError:
        return True


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """The form of `LeadForm`; sending it twice is one lead."""
    form = get_object_or_404(LeadForm.objects.select_related("channel", "topic"), public_id=public_id)
    if form.archived_at is not None:
        return _page(request, "crm/lead_form_closed.html", {"form": form}, status=410)
    if request.method != "POST":
        return _form_page(request, form)
    typed = {name: request.POST.get(name, "")[:300] for name in form.fields}
    if request.POST.get("website"):  # Nobody sees this field; only programs fill it.
        return redirect("lead_form_thanks", public_id=form.public_id)
    if not within_limit(request, "form"):
        error = _("That were many forms in a short time. Please try again in ten minutes.")
        return _form_page(request, form, errors={"": error}, status=429)
    try:
        submission = lead_form_submit(
            form=form,
            key=request.POST.get("key", "")[:32] or new_id(),
            email=request.POST.get("email", "")[:254],
            values=typed,
            consent=request.POST.get("consent") == "yes",
            utm={name: request.POST[name][:200] for name in UTM if request.POST.get(name)},
        )
    except DomainError as error:
        errors = error.fields or {"": error.message}
        return _form_page(request, form, errors=errors, status=error.status)
    asked = submission.consent_given and submission.form.double_opt_in
    return redirect(f"{_thanks_url(form)}?mail=1" if asked else _thanks_url(form))


def _thanks_url(form: LeadForm) -> str:
    return reverse("lead_form_thanks", args=[form.public_id])


def _form_page(
    request: HttpRequest, form: LeadForm, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    values = request.POST if request.method == "POST" else request.GET
    labels = dict(LeadForm.Field.choices)
    rows = [
        {"name": name, "label": labels[name], "value": values.get(name, "")[:300], "error": (errors or {}).get(name)}
        for name in LeadForm.Field.values
        if name in form.fields
    ]
    context = {
        "form": form,
        "rows": rows,
        "email": values.get("email", "")[:254],
        "consent": values.get("consent") == "yes",
        "key": (request.POST.get("key") or new_id())[:32],
        "utm": [(name, values[name][:200]) for name in UTM if values.get(name)],
        "errors": errors or {},
        "error": (errors or {}).get(""),
    }
    return _page(request, "crm/lead_form_public.html", context, status=status)


@require_http_methods(["GET", "HEAD"])
def lead_form_thanks(request: HttpRequest, public_id: str) -> HttpResponse:
    form = get_object_or_404(LeadForm, public_id=public_id)
    return _page(request, "crm/lead_form_thanks.html", {"form": form, "mailed": request.GET.get("mail") == "1"})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the confirmation mail: GET shows a button, the button records the consent."""
    submission: LeadFormSubmission | None = submission_of(token)
    if submission is None or not submission.consent_given:
        raise Http404
    if request.method == "POST":
        submission_confirm(submission=submission)
        submission.refresh_from_db()
    return _page(request, "crm/lead_form_confirm.html", {"submission": submission, "token": token})


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
        return _page(request, "crm/nps_answer.html", context)
    score = _score(request.POST.get("score", ""))
    context |= {"score": score, "comment": request.POST.get("comment", "")[:COMMENT_LENGTH]}
    context["key"] = request.POST.get("key", "")[:20] or new_id()
    if score is None:
        return _page(
            request, "crm/nps_answer.html", {**context, "error": _("Choose a number from 0 to 10.")}, status=422
        )
    if not within_limit(request, "nps"):
        error = _("That were many answers in a short time. Please try again in ten minutes.")
        return _page(request, "crm/nps_answer.html", {**context, "error": error}, status=429)
    contact = invitation.contact
    nps_answer_record(
        score=score,
        invitation=invitation.token if contact else f"{invitation.token}.{context['key']}"[:64],
        comment=str(context["comment"]),
        contact=contact,
        channel=invitation.channel or (contact.channel if contact else None),
    )
    return _page(request, "crm/nps_thanks.html", context)


def _score(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) <= 10 else None


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    company = Company.get()
    response = render(request, template, {"company_name": company.name, "company": company, **context}, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
