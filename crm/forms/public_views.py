"""The public pages of lead forms, without sign-in: the form, thanks, and the confirmation of consent.

Nothing is recorded by GET or HEAD (mail scanners follow links). The pages carry no session, so a forged request could
do no more than an ordinary one: they are exempt from the CSRF token, which people without cookies would lack.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.company.public_pages import public_page
from core.errors import DomainError
from core.ids import public_id as new_id
from core.rate_limit import within_rate_limit
from crm.forms.models import LeadForm, LeadFormSubmission
from crm.forms.services import lead_form_submit, submission_by_token, submission_confirm

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """The form of `LeadForm`; sending it twice is one lead."""
    form = get_object_or_404(LeadForm.objects.select_related("channel", "topic"), public_id=public_id)
    if form.archived_at is not None:
        return public_page(request, "crm/forms/public_closed.html", {"form": form}, status=410)
    if request.method != "POST":
        return _form_page(request, form)
    typed = {name: request.POST.get(name, "")[:300] for name in form.fields}
    if request.POST.get("website"):  # Nobody sees this field; only programs fill it.
        return redirect("lead_form_thanks", public_id=form.public_id)
    if not within_rate_limit(request, "form"):
        error = _("Too many submissions in a short time. Please try again in ten minutes.")
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
    return public_page(request, "crm/forms/public.html", context, status=status)


@require_http_methods(["GET", "HEAD"])
def lead_form_thanks(request: HttpRequest, public_id: str) -> HttpResponse:
    form = get_object_or_404(LeadForm, public_id=public_id)
    return public_page(
        request, "crm/forms/public_thanks.html", {"form": form, "mailed": request.GET.get("mail") == "1"}
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def lead_form_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the confirmation mail: GET shows a button, the button records the consent."""
    submission: LeadFormSubmission | None = submission_by_token(token)
    if submission is None or not submission.consent_given:
        raise Http404
    if request.method == "POST":
        submission_confirm(submission=submission)
        submission.refresh_from_db()
    return public_page(request, "crm/forms/public_confirm.html", {"submission": submission, "token": token})
