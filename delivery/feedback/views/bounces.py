"""Bounces and complaints, the suppression list, and the sources of both."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.errors import DomainError, Forbidden
from core.ui.dates import moment
from core.ui.messages import toast
from crm.consent.models import Suppression
from crm.consent.services import suppression_add, suppression_remove
from crm.contacts.models import Contact
from delivery.access import may_launch, may_read, may_set_limits
from delivery.feedback.forms import FeedbackRuleForm, SuppressionAddForm, SuppressionRemoveForm
from delivery.feedback.models import Bounce, BounceMailbox, FeedbackRule, ProviderWebhook
from delivery.feedback.services import feedback_rule_save
from delivery.feedback.smtp_reply_text import reply_explained
from delivery.feedback.tables import (
    BounceTable,
    SuppressionTable,
    bounce_rows,
    mailing_name,
    shown_address,
    source_name,
    suppression_history,
    suppression_reason_text,
    suppression_rows,
)
from delivery.sends.authors import author_of


def bounce_tabs(active: str) -> list[dict[str, Any]]:
    """The three pages about what comes back."""
    pages = (
        ("bounces", _("Bounces"), "bounce_list"),
        ("suppressed", _("Suppression list"), "suppression_list"),
        ("setup", _("Bounce settings"), "bounce_setup"),
    )
    return [{"label": label, "url": reverse(name), "active": code == active} for code, label, name in pages]


@require(may_read)
@require_GET
def bounce_list(request: SignedInRequest) -> HttpResponseBase:
    """Every bounce and complaint, from every source."""
    context = {"tabs": bounce_tabs("bounces"), "may_set": may_set_limits(request.user)}
    return BounceTable(request, bounce_rows(request.user)).respond("delivery/feedback/bounce_list.html", context)


@require(may_read)
@require_GET
def bounce_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One report with what the server said in full, and what followed."""
    bounce = get_object_or_404(bounce_rows(request.user), pk=pk)
    pairs = [
        (_("Kind"), bounce.get_kind_display()),
        (_("Meaning"), reply_explained(None, f"{bounce.code} {bounce.diagnostic}")),
        (_("Code"), bounce.code),
        (_("Mail server reply"), bounce.diagnostic),
        (_("When"), moment(bounce.at)),
        (_("Reported by"), source_name(bounce)),
        (_("Matched by"), _known_by().get(bounce.matched_by, _("Original message unknown"))),
        (_("Address suppressed"), _("Yes, by this report") if bounce.suppressed else _("Not by this report")),
    ]
    context = {"bounce": bounce, "pairs": pairs, "mailing": mailing_name(bounce), "mailing_url": _mailing_url(bounce)}
    return render(request, "delivery/feedback/bounce_detail.html", context)


def _known_by() -> dict[str, str]:
    return {
        "token": _("Unsubscribe link in the bounced message"),
        "envelope": _("The bounce address"),
        "message_id": _("Our Message-ID"),
        "address": _("The recipient's address: the latest message to it"),
        "engine": _("Our own delivery"),
    }


def _mailing_url(bounce: Bounce) -> str:
    return author_of(bounce.send).results_url(bounce.send) if bounce.send is not None else ""


# --- Suppression list ------------------------------------------------------------------------------------------------


@require(may_read)
@require_GET
def suppression_list(request: SignedInRequest) -> HttpResponseBase:
    context = {"tabs": bounce_tabs("suppressed"), "may_add": may_launch(request.user)}
    return SuppressionTable(request, suppression_rows(request.user)).respond(
        "delivery/feedback/suppression_list.html", context
    )


@require(may_launch)
@require_http_methods(["GET", "POST"])
def suppression_create(request: SignedInRequest) -> HttpResponse:
    """Suppress addresses typed by a person."""
    form = SuppressionAddForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        added = sum(
            suppression_add(address=address, reason=data["reason"], source="by hand", actor=request.user)
            for address in data["addresses"]
        )
        words = ngettext(
            "%(count)s address added to the suppression list.",
            "%(count)s addresses added to the suppression list.",
            added,
        )
        toast(request, words % {"count": added})
        return redirect("suppression_list")
    return render(request, "delivery/feedback/suppression_create.html", {"form": form})


@require(may_read)
@require_GET
def suppression_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One address on the list: why, since when, and what is known of it."""
    row = get_object_or_404(suppression_rows(request.user), pk=pk)
    form = SuppressionRemoveForm(complained=row.reason == Suppression.Reason.COMPLAINED)
    return render(request, "delivery/feedback/suppression_detail.html", _suppression_context(request, row, form))


@require(may_set_limits)
@require_POST
def suppression_remove_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an address off the list; the director answers for it."""
    row = get_object_or_404(suppression_rows(request.user), pk=pk)
    form = SuppressionRemoveForm(request.POST, complained=row.reason == Suppression.Reason.COMPLAINED)
    if form.is_valid():
        try:
            suppression_remove(
                suppression=row, why=form.cleaned_data["why"], actor=request.user,
                confirmed=form.cleaned_data.get("confirmed", False),
            )  # fmt: skip
        except DomainError as error:
            if not error.fields:
                raise
            for name, words in error.fields.items():
                form.add_error(name, words)
        else:
            toast(request, _("Address removed from the suppression list. Consent still applies."))
            return redirect("suppression_list")
    context = _suppression_context(request, row, form)
    return render(request, "delivery/feedback/suppression_detail.html", context, status=422)


def _suppression_context(request: SignedInRequest, row: Any, form: SuppressionRemoveForm) -> dict[str, Any]:
    contact = Contact.objects.filter(address_hash=row.address_hash).first()
    return {
        "row": row,
        "form": form,
        "address": shown_address(row),
        "contact": contact,
        "because": suppression_reason_text(row),
        "bounces": bounce_rows(request.user).filter(address_hash=row.address_hash)[:20],
        "history": suppression_history(row)[:20],
        "may_remove": may_set_limits(request.user) and row.reason != Suppression.Reason.ERASED,
    }


# --- Setting up ------------------------------------------------------------------------------------------------------


@require(may_read)
@require_http_methods(["GET", "POST"])
def bounce_setup(request: SignedInRequest) -> HttpResponse:
    """Mailboxes, providers and the rule: the office reads them, the director sets them."""
    may_set = may_set_limits(request.user)
    if request.method == "POST" and not may_set:
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")
    form = FeedbackRuleForm(request.POST if request.method == "POST" else None, instance=FeedbackRule.get())
    if request.method == "POST" and form.is_valid():
        feedback_rule_save(rule=form.instance, actor=request.user)
        toast(request, _("Bounce and complaint rules saved."))
        return redirect("bounce_setup")
    context = {
        "tabs": bounce_tabs("setup"),
        "form": form,
        "may_set": may_set,
        "mailboxes": BounceMailbox.objects.active().select_related("identity"),
        "archived_mailboxes": BounceMailbox.objects.exclude(archived_at=None),
        "hooks": ProviderWebhook.objects.active(),
        "archived_hooks": ProviderWebhook.objects.exclude(archived_at=None),
    }
    return render(request, "delivery/feedback/setup.html", context, status=422 if form.errors else 200)
