"""Write: a salesperson's letters to their own customers; the office reads what was sent."""

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from accounts.people.models import User
from campaigns.access import may_hold_letters, may_read_letters, may_write_letters
from campaigns.content.checks import merge_fields
from campaigns.content.models import EmailTemplate
from campaigns.content.services import Content
from campaigns.content.starters import starters
from campaigns.content.views.previews import preview_response, recent_test_messages_context
from campaigns.experiments.experiment_queries import experiment_reading
from campaigns.experiments.models import Experiment
from campaigns.letters.forms import LetterForm, LetterTestForm
from campaigns.letters.launch import letter_launch
from campaigns.letters.models import Letter
from campaigns.letters.services import (
    TEST_FROM,
    letter_address,
    letter_create,
    letter_discard,
    letter_test,
    letter_write,
)
from campaigns.letters.tables import LetterTable, OwnLetterTable
from core.errors import Conflict, DomainError
from core.ui.messages import toast
from crm.contacts.models import Contact
from delivery.access import may_read
from delivery.sends.eligibility import eligibility_of
from delivery.sends.forms import NOT_CONFIRMED, CountForm
from delivery.sends.launch import launch_problems
from delivery.sends.models import Delivery, Send
from delivery.sends.page_parts import (
    progress_context,
    resend_unknown_with_toast,
    resume_with_toast,
    retry_failed_with_toast,
)
from delivery.sends.recipients_table import RecipientsTable
from delivery.sends.services import send_cancel
from delivery.sends.test_messages import test_send

MAX_NAMED = 6  # of those who did not get a letter, above the list of everybody


def _letter(request: SignedInRequest, public_id: str) -> Letter:
    letters = Letter.objects.visible_to(request.user).select_related("send__identity__brand", "author")
    return get_object_or_404(letters, public_id=public_id)


def _own_letter(request: SignedInRequest, public_id: str) -> Letter:
    """A letter of this very person, else 404."""
    letters = Letter.objects.filter(author=request.user).select_related("send__identity__brand", "author")
    return get_object_or_404(letters, public_id=public_id)


def _reached_by(user: User) -> "QuerySet[Contact] | None":
    """Which recipients of a letter somebody sees and may have it sent to again: a salesperson those who are on their
    list today, the office everybody (None)."""
    return Contact.objects.visible_to(user) if user.is_salesperson else None


def _mine(request: SignedInRequest) -> "QuerySet[Contact]":
    return Contact.objects.visible_to(request.user).active().order_by("first_name", "last_name", "pk")


@require(may_write_letters)
@require_GET
def write(request: SignedInRequest) -> HttpResponseBase:
    """Starter letters, and what became of the letters before."""
    own = EmailTemplate.objects.filter(use=EmailTemplate.Use.LETTER, archived_at=None)
    context = {
        "starters": starters(EmailTemplate.Use.LETTER, request.LANGUAGE_CODE),
        "templates": own,
        "to": request.GET.get("to", ""),
    }
    letters = Letter.objects.visible_to(request.user).with_figures()
    return OwnLetterTable(request, letters).respond("campaigns/letters/write.html", context)


@require(may_write_letters)
@require_POST
def letter_create_view(request: SignedInRequest) -> HttpResponse:
    """Create a letter from a starter, a template or a blank page; `to` chooses customers beforehand."""
    wanted = [public_id for public_id in request.POST.getlist("to") if public_id]
    contacts = list(_mine(request).filter(public_id__in=wanted))
    if len(contacts) != len(set(wanted)):
        raise DomainError(_("You are not the owner of one of these contacts."), code="contact_not_yours")
    subject, body = "", ""
    for starter in starters(EmailTemplate.Use.LETTER, request.LANGUAGE_CODE):
        if starter.code == request.POST.get("starter"):
            subject, body = starter.subject, starter.body
    own = EmailTemplate.objects.filter(
        use=EmailTemplate.Use.LETTER, archived_at=None, public_id=request.POST.get("template", "")
    ).first()
    if own:
        subject, body = own.subject, own.body
    if body and request.user.signature and "{{ sender.signature }}" not in body:
        body = f"{body.rstrip()}\n\n{request.user.signature}\n"
    letter = letter_create(author=request.user, subject=subject, body=body, contacts=contacts)
    return redirect("letter_detail", public_id=letter.public_id)


@require(may_read_letters)
@require_http_methods(["GET", "POST"])
def letter_detail(request: SignedInRequest, public_id: str) -> HttpResponseBase:
    """Write a draft, or see what became of a letter."""
    letter = _own_letter(request, public_id) if request.method == "POST" else _letter(request, public_id)
    if letter.send.state != Send.State.DRAFT or letter.author_id != request.user.pk:
        if request.method == "POST":
            raise Conflict(_("This letter was sent and can no longer be changed."), code="send_is_fixed")
        return _result(request, letter)
    if request.method == "POST":
        return _save(request, letter)
    first = letter.send.variants.get(label="A")
    initial = {"subject": first.subject, "body": first.body, "started_from": Content.of(first).mark}
    return _desk(request, letter, LetterForm(initial=initial))


def _save(request: SignedInRequest, letter: Letter) -> HttpResponse:
    form = LetterForm(request.POST)
    quiet = request.headers.get("X-Autosave") == "1"
    if not form.is_valid():
        if quiet:
            return JsonResponse({"error": " ".join(str(e) for es in form.errors.values() for e in es)}, status=422)
        return _desk(request, letter, form, status=422)
    data = form.cleaned_data
    try:
        letter_write(
            letter=letter, subject=data["subject"], body=data["body"], started_from=data["started_from"],
            actor=request.user,
        )  # fmt: skip
    except Conflict as conflict:
        theirs = Content.of(letter.send.variants.get(label="A"))
        if quiet:
            return JsonResponse({"error": conflict.message, "code": conflict.code, "mark": theirs.mark}, status=409)
        kept = request.POST.copy()
        kept["started_from"] = theirs.mark
        return _desk(request, letter, LetterForm(kept), theirs=theirs, status=409)
    if quiet:
        mark = Content.of(letter.send.variants.get(label="A")).mark
        return JsonResponse({"mark": mark, "faults": _faults(letter)})
    toast(request, _("Saved."))
    return redirect("letter_detail", public_id=letter.public_id)


def _faults(letter: Letter) -> list[dict[str, object]]:
    problems = launch_problems(letter.send)
    return [{"message": p.message, "line": None, "blocks": True} for p in problems if p.step == "content"]


def _desk(
    request: SignedInRequest, letter: Letter, form: LetterForm, *, theirs: Content | None = None, status: int = 200
) -> HttpResponse:
    people = eligibility_of(_mine(request), send=letter.send)
    chosen = set(letter.recipients)
    ready = [row for row in people if row.can and row.contact.pk in chosen]
    second = letter.send.variants.filter(label="B").first()
    experiment = Experiment.objects.filter(send=letter.send_id).first()
    context = {
        "letter": letter,
        "send": letter.send,
        "form": form,
        "theirs": theirs,
        "people": people,
        "chosen": chosen,
        "ready": ready,
        "held_back": [row for row in people if row.contact.pk in chosen and not row.can],
        "problems": launch_problems(letter.send),
        "fields": merge_fields(),
        "needs_test": len(chosen) >= TEST_FROM,
        "test_from": TEST_FROM,
        "test_form": LetterTestForm(
            initial={
                "second_subject": second.subject if second else "",
                "hypothesis": experiment.hypothesis if experiment else "",
            }
        ),
        "reader": next((row.contact for row in ready), None) or next((row.contact for row in people), None),
        **recent_test_messages_context(letter.send, reverse("letter_trials", kwargs={"public_id": letter.public_id})),
    }
    return render(request, "campaigns/letters/desk.html", context, status=status)


def _result(request: SignedInRequest, letter: Letter) -> HttpResponseBase:
    """What became of a letter. A salesperson sees those recipients who are on their list today."""
    own = _reached_by(request.user)
    table = RecipientsTable(request, letter.send, people=own)
    missed = table.base.filter(state__in=[Delivery.State.FAILED, Delivery.State.UNKNOWN])
    ended = dict(missed.values_list("state").annotate(Count("contact_id")))
    named = list(missed.order_by("state", "contact_id")[:MAX_NAMED]) if ended else []
    if named:
        table.prefetch(named)
    experiment = Experiment.objects.filter(send=letter.send_id).first()
    context = {
        "letter": letter,
        "send": letter.send,
        "variants": letter.send.variants.all(),
        "subject": letter.send.variants.get(label="A").subject,
        "reactions": getattr(letter.send, "reactions", None),
        "may_hold": may_hold_letters(request.user),
        "missed": named,
        "unnamed": sum(ended.values()) - len(named),
        "failed": ended.get(Delivery.State.FAILED, 0),
        "unknown": ended.get(Delivery.State.UNKNOWN, 0),
        "elsewhere": (letter.send.audience or 0) - table.base.count() if own is not None else 0,
        "reading": experiment_reading(letter.send, experiment) if experiment and letter.send.launched_at else None,
        **progress_context(letter.send),
    }
    return table.respond("campaigns/letters/result.html", context)


@require(may_write_letters)
@require_POST
def letter_recipients(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Choose whom it goes to, out of one's own list."""
    letter = _own_letter(request, public_id)
    wanted = set(request.POST.getlist("contact"))
    contacts = list(_mine(request).filter(public_id__in=wanted))
    if len(contacts) != len(wanted):
        raise DomainError(
            _("You are not the owner of one of these contacts. Choose from your own customers. Nothing was changed."),
            code="contact_not_yours",
        )
    letter_address(letter=letter, contacts=contacts, actor=request.user)
    toast(request, _("Saved."))
    return redirect("letter_detail", public_id=public_id)


@require(may_write_letters)
@require_POST
def letter_test_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Try a second subject on half of the recipients."""
    letter = _own_letter(request, public_id)
    form = LetterTestForm(request.POST)
    if form.is_valid():
        letter_test(letter=letter, actor=request.user, **form.cleaned_data)
        toast(request, _("Saved."))
    return redirect("letter_detail", public_id=public_id)


@require(may_read_letters)
@require_GET
def letter_preview(request: SignedInRequest, public_id: str) -> HttpResponseBase:
    """The letter as one of the author's customers will see it (`?contact=`)."""
    letter = _letter(request, public_id)
    variant = letter.send.variants.filter(label=request.GET.get("v", "A")).first() or letter.send.variants.get(
        label="A"
    )
    people = Contact.objects.visible_to(letter.author)
    reader = people.filter(public_id=request.GET.get("contact", "")).first()
    reader = reader or people.filter(pk__in=letter.recipients).first() or people.first()
    return preview_response(request, variant, reader)


@require(may_write_letters)
@require_POST
def letter_test_send(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Send the letter to oneself as a customer will get it (`contact`: which one), with every subject it has."""
    letter = _own_letter(request, public_id)
    people = _mine(request)
    reader = people.filter(public_id=request.POST.get("contact", "")).first()
    reader = reader or people.filter(pk__in=letter.recipients).first() or people.first()
    variants = list(letter.send.variants.select_related("send__identity__brand"))
    test_send(variants=variants, addresses=[request.user.email], contact=reader, actor=request.user)
    toast(request, _("A test is on its way to %(addresses)s.") % {"addresses": request.user.email})
    return redirect("letter_detail", public_id=public_id)


@require(may_write_letters)
@require_GET
def letter_trials(request: SignedInRequest, public_id: str) -> HttpResponse:
    """What became of the last tests: the part of the desk that asks again by itself."""
    letter = _own_letter(request, public_id)
    return render(
        request, "delivery/sends/_test_messages.html", recent_test_messages_context(letter.send, request.path)
    )


@require(may_write_letters)
@require_POST
def letter_launch_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Send it, through the one launch service, to exactly as many customers as were shown; when they are others by
    now, the letter opens again with the new number."""
    letter, form = _own_letter(request, public_id), CountForm(request.POST)
    if not form.is_valid():
        messages.error(request, NOT_CONFIRMED)
        return redirect("letter_detail", public_id=public_id)
    try:
        letter_launch(letter=letter, actor=request.user, expected=form.cleaned_data["expected"])
    except Conflict as conflict:
        if conflict.code != "audience_changed":
            raise
        messages.error(request, conflict.message)
    else:
        toast(request, _("Your letter is on its way."))
    return redirect("letter_detail", public_id=public_id)


@require(may_hold_letters)
@require_POST
def letter_resume(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Go on with a letter that was stopped."""
    resume_with_toast(request, _letter(request, public_id).send)
    return redirect("letter_detail", public_id=public_id)


@require(may_hold_letters)
@require_POST
def letter_cancel(request: SignedInRequest, public_id: str) -> HttpResponse:
    """End a letter: who was waiting gets nothing."""
    send_cancel(send=_letter(request, public_id).send, actor=request.user)
    toast(request, _("Cancelled. The waiting recipients will not get the message."))
    return redirect("letter_detail", public_id=public_id)


@require(may_hold_letters)
@require_POST
def letter_retry_failed(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Try again to send a letter to whom it could not be delivered."""
    retry_failed_with_toast(request, _letter(request, public_id).send, _reached_by(request.user))
    return redirect("letter_detail", public_id=public_id)


@require(may_hold_letters)
@require_POST
def letter_resend_unknown(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Send a letter again to those of whom it is not known whether they got it."""
    resend_unknown_with_toast(request, _letter(request, public_id).send, _reached_by(request.user))
    return redirect("letter_detail", public_id=public_id)


@require(may_write_letters)
@require_POST
def letter_discard_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    letter_discard(letter=_own_letter(request, public_id), actor=request.user)
    toast(request, _("Draft discarded."))
    return redirect("write")


@require(may_read)
@require_GET
def letter_list(request: SignedInRequest) -> HttpResponseBase:
    """What salespeople wrote to their customers, and what became of it."""
    letters = Letter.objects.visible_to(request.user).exclude(send__launched_at=None).with_figures()
    return LetterTable(request, letters).respond("campaigns/letters/list.html")
