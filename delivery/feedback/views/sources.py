"""Mailboxes and providers that tell us of bounces: the director sets them up and tries them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedInRequest, require
from core.errors import DomainError
from core.ui.messages import toast
from delivery.access import may_set_limits
from delivery.feedback.forms import MailboxForm, WebhookForm
from delivery.feedback.mailboxes import mailbox_archive, mailbox_poll_now, mailbox_save, mailbox_test
from delivery.feedback.models import BounceMailbox, ProviderWebhook
from delivery.feedback.setup_steps import STEPS
from delivery.feedback.webhooks import SIGNED, webhook_archive, webhook_save, webhook_url


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def mailbox_create(request: SignedInRequest) -> HttpResponse:
    return _mailbox(request, BounceMailbox())


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def mailbox_update(request: SignedInRequest, pk: int) -> HttpResponse:
    return _mailbox(request, get_object_or_404(BounceMailbox, pk=pk))


def _mailbox(request: SignedInRequest, mailbox: BounceMailbox) -> HttpResponse:
    is_new = mailbox.pk is None
    form = MailboxForm(request.POST if request.method == "POST" else None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        mailbox_save(mailbox=form.instance, password=form.cleaned_data["password"], actor=request.user)
        toast(request, _("Mailbox “%(name)s” saved. Test it now.") % {"name": form.instance.name})
        return redirect("mailbox_update", pk=form.instance.pk)
    return render(request, "delivery/feedback/mailbox_form.html", {"form": form, "mailbox": mailbox, "is_new": is_new})


@require(may_set_limits)
@require_POST
def mailbox_test_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign in and look; says what is there or what to change."""
    mailbox = get_object_or_404(BounceMailbox, pk=pk)
    form = MailboxForm(instance=mailbox)
    context = {"form": form, "mailbox": mailbox, "is_new": False}
    try:
        look = mailbox_test(mailbox=mailbox)
    except DomainError as error:
        return render(request, "delivery/feedback/mailbox_form.html", {**context, "wrong": error.message})
    return render(request, "delivery/feedback/mailbox_form.html", {**context, "look": look})


@require(may_set_limits)
@require_POST
def mailbox_poll_view(request: SignedInRequest, pk: int) -> HttpResponse:
    """Read it now instead of within a minute."""
    try:
        counts = mailbox_poll_now(mailbox=get_object_or_404(BounceMailbox, pk=pk))
    except DomainError as error:
        toast(request, error.message)
        return redirect("bounce_setup")
    total, left = sum(counts.values()), counts["unknown"]
    words = ngettext("%(count)s new message was read", "%(count)s new messages were read", total) % {"count": total}
    rest = ngettext("%(count)s was not understood", "%(count)s were not understood", left) % {"count": left}
    toast(request, f"{words}; {rest}.")
    return redirect("bounce_setup")


@require(may_set_limits)
@require_POST
def mailbox_archive_view(request: SignedInRequest, pk: int) -> HttpResponse:
    mailbox = mailbox_archive(mailbox=get_object_or_404(BounceMailbox, pk=pk), actor=request.user)
    words = _("Mailbox “%(name)s” archived.") % {"name": mailbox.name}
    toast(request, words, undo=reverse("mailbox_restore", kwargs={"pk": pk}))
    return redirect("bounce_setup")


@require(may_set_limits)
@require_POST
def mailbox_restore(request: SignedInRequest, pk: int) -> HttpResponse:
    mailbox = mailbox_archive(mailbox=get_object_or_404(BounceMailbox, pk=pk), actor=request.user, archived=False)
    toast(request, _("Mailbox “%(name)s” restored.") % {"name": mailbox.name})
    return redirect("bounce_setup")


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def webhook_create(request: SignedInRequest) -> HttpResponse:
    return _webhook(request, ProviderWebhook())


@require(may_set_limits)
@require_http_methods(["GET", "POST"])
def webhook_update(request: SignedInRequest, public_id: str) -> HttpResponse:
    return _webhook(request, get_object_or_404(ProviderWebhook, public_id=public_id))


def _webhook(request: SignedInRequest, hook: ProviderWebhook) -> HttpResponse:
    is_new = hook.pk is None
    form = WebhookForm(request.POST if request.method == "POST" else None, instance=hook)
    if request.method == "POST" and form.is_valid():
        try:
            webhook_save(hook=form.instance, secret=form.cleaned_data["secret"], actor=request.user)
        except DomainError as error:
            for name, words in error.fields.items():
                form.add_error(name, words)
        else:
            toast(request, _("Saved. Paste the webhook URL into the provider's settings."))
            return redirect("hook_update", public_id=form.instance.public_id)
    context = {
        "form": form,
        "hook": hook,
        "is_new": is_new,
        "address": "" if is_new else webhook_url(hook),
        "is_signed": hook.provider in SIGNED,
        "steps": "" if is_new else STEPS[ProviderWebhook.Provider(hook.provider)],
    }
    return render(request, "delivery/feedback/webhook_form.html", context)


@require(may_set_limits)
@require_POST
def webhook_archive_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    hook = webhook_archive(hook=get_object_or_404(ProviderWebhook, public_id=public_id), actor=request.user)
    words = _("Webhook of %(name)s archived. Reports are refused.") % {"name": hook}
    toast(request, words, undo=reverse("hook_restore", kwargs={"public_id": public_id}))
    return redirect("bounce_setup")


@require(may_set_limits)
@require_POST
def webhook_restore(request: SignedInRequest, public_id: str) -> HttpResponse:
    hook = webhook_archive(
        hook=get_object_or_404(ProviderWebhook, public_id=public_id), actor=request.user, archived=False
    )
    toast(request, _("Webhook of %(name)s restored. Reports are accepted.") % {"name": hook})
    return redirect("bounce_setup")
