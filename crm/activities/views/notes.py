"""Adding a note to a contact."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, require
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui.messages import toast
from crm.access import can_edit_contacts
from crm.activities.forms import NoteForm
from crm.activities.services.notes import note_add
from crm.contacts.views import contact_or_404, contact_page


@require_POST
@require(can_edit_contacts)
def note_create(request: SignedInRequest, public_id: str) -> HttpResponse:
    contact = contact_or_404(request, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return contact_page(request, contact, form, status=422)
    try:
        note_add(contact=contact, actor=request.user, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return contact_page(request, contact, form, status=422)
    toast(request, _("Activity logged."))
    return redirect("contact_detail", public_id)
