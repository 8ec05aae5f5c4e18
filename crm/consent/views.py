"""Recording consent of a contact, and suppressing the address."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, is_marketer, require
from core.errors import DomainError
from core.ui.messages import toast
from crm.access import can_edit_contacts
from crm.consent.models import ConsentTopic, Suppression
from crm.consent.services import consent_record, suppression_add, suppression_lift
from crm.contacts.lookup import contact_or_404


@require_POST
@require(can_edit_contacts)
def consent_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Write down what the contact said about one topic; the record before it stays."""
    contact = contact_or_404(request, public_id)
    topic = get_object_or_404(ConsentTopic.objects.filter(archived_at=None), code=request.POST.get("topic", ""))
    given = request.POST.get("given") == "1"
    said = request.POST.get("wording", "").strip()[:500]
    if given and not said:
        raise DomainError(_("Enter the source and the wording of the consent."), code="consent_without_wording")
    consent_record(contact=contact, topic=topic, given=given, source="by hand", wording=said, actor=request.user)
    toast(request, _("Consent change recorded."))
    return redirect("contact_detail", public_id)


@require_POST
@require(can_edit_contacts)
def suppression_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Stop all e-mail to this contact, or allow it again."""
    contact = contact_or_404(request, public_id)
    if request.POST.get("lift") == "1":
        if not is_marketer(request.user):
            messages.error(request, _("Only a marketer can remove an address from the suppression list."))
        elif suppression_lift(contact=contact, actor=request.user):
            toast(
                request,
                _("%(name)s removed from the suppression list. E-mail is allowed again.") % {"name": contact.name},
            )
    elif contact.address_hash:
        suppression_add(
            hashed=contact.address_hash, reason=Suppression.Reason.MANUAL, source="by hand", actor=request.user
        )
        toast(request, _("%(name)s added to the suppression list.") % {"name": contact.name})
    else:
        messages.error(request, _("This contact has no e-mail address."))
    return redirect("contact_detail", public_id)
