"""The director's pages about people: who works here, invitations, teams, leaving and coming back."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_director, require
from accounts.forms import HeirForm, InvitationForm, PersonForm, TeamForm
from accounts.handover import holdings
from accounts.models import Invitation, Team, User
from accounts.services import people
from accounts.services.invitations import invitation_create, invitation_resend, invitation_revoke
from accounts.tables import PeopleTable
from core.errors import DomainError
from core.forms import add_domain_error


@require_GET
@require(is_director)
def people_list(request: SignedInRequest) -> HttpResponseBase:
    invitations = Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("team")
    return _table(request).respond("accounts/people_list.html", {"invitations": invitations})


def _table(request: SignedInRequest) -> PeopleTable:
    return PeopleTable(request, User.objects.select_related("team"))


@require_POST
@require(is_director)
def people_deactivate(request: SignedInRequest) -> HttpResponse:
    """End the access of those who are chosen; whoever looks after customers is handed over one by one first."""
    table = _table(request)
    changed = people.users_deactivate(users=table.bulk_selection().queryset.filter(is_active=True), actor=request.user)
    count = len(changed.done)
    text = ngettext("%(count)s person can no longer sign in.", "%(count)s people can no longer sign in.", count)
    table.report(text, changed.done, undo="people_reactivate", refused=changed.refused)
    return table.redirect("people_list")


@require_POST
@require(is_director)
def people_reactivate(request: SignedInRequest) -> HttpResponse:
    table = _table(request)
    changed = people.users_reactivate(users=table.bulk_selection().queryset.filter(is_active=False), actor=request.user)
    text = ngettext("%(count)s person may sign in again.", "%(count)s people may sign in again.", len(changed.done))
    table.report(text, changed.done, undo="people_deactivate", refused=changed.refused)
    return table.redirect("people_list")


@require_http_methods(["GET", "POST"])
@require(is_director)
def invitation_new(request: SignedInRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invitation_create(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
            return redirect("people_list")
    return render(request, "accounts/invitation_new.html", {"form": form})


@require_POST
@require(is_director)
def invitation_again(request: SignedInRequest, public_id: str) -> HttpResponse:
    invitation = invitation_resend(invitation=get_object_or_404(Invitation, public_id=public_id), actor=request.user)
    messages.success(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})
    return redirect("people_list")


@require_POST
@require(is_director)
def invitation_end(request: SignedInRequest, public_id: str) -> HttpResponse:
    invitation = invitation_revoke(invitation=get_object_or_404(Invitation, public_id=public_id), actor=request.user)
    messages.success(request, _("The link sent to %(email)s no longer works.") % {"email": invitation.email})
    return redirect("people_list")


@require_http_methods(["GET", "POST"])
@require(is_director)
def person_change(request: SignedInRequest, public_id: str) -> HttpResponse:
    person = get_object_or_404(User, public_id=public_id)
    form = PersonForm(request.POST or None, instance=get_object_or_404(User, public_id=public_id))
    if request.method == "POST" and form.is_valid():
        try:
            people.user_change(user=person, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["full_name"]})
            return redirect("people_list")
    held = holdings(person)
    context = {"person": person, "form": form, "holdings": held, "heir_form": HeirForm(leaving=person)}
    return render(request, "accounts/person_change.html", context)


@require_POST
@require(is_director)
def person_hand_over(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Give everything a person looks after to another, or to nobody."""
    person = get_object_or_404(User, public_id=public_id)
    heir = _chosen_heir(request, person)
    moved = sum([*people.user_hand_over(user=person, heir=heir, actor=request.user).values()])
    text = ngettext("%(count)s customer was handed over.", "%(count)s customers were handed over.", moved)
    messages.success(request, text % {"count": moved})
    return redirect("person_change", public_id=person.public_id)


@require_POST
@require(is_director)
def person_deactivate(request: SignedInRequest, public_id: str) -> HttpResponse:
    person = get_object_or_404(User, public_id=public_id)
    held = bool(holdings(person))
    heir = _chosen_heir(request, person) if held else None
    people.user_deactivate(user=person, actor=request.user, heir=heir, release=held and heir is None)
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": person})
    return redirect("people_list")


@require_POST
@require(is_director)
def person_reactivate(request: SignedInRequest, public_id: str) -> HttpResponse:
    person = people.user_reactivate(user=get_object_or_404(User, public_id=public_id), actor=request.user)
    messages.success(request, _("%(name)s may sign in again.") % {"name": person})
    return redirect("people_list")


@require_http_methods(["GET", "POST"])
@require(is_director)
def team_list(request: SignedInRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = people.team_create(name=form.cleaned_data["name"], actor=request.user)
        messages.success(request, _("The team %(name)s is made.") % {"name": team})
        return redirect("team_list")
    teams = Team.objects.annotate(size=Count("members", filter=Q(members__is_active=True)))
    return render(request, "accounts/team_list.html", {"teams": teams, "form": form})


@require_POST
@require(is_director)
def team_rename(request: SignedInRequest, pk: int) -> HttpResponse:
    people.team_rename(team=get_object_or_404(Team, pk=pk), name=request.POST.get("name", ""), actor=request.user)
    messages.success(request, _("The team is renamed."))
    return redirect("team_list")


@require_POST
@require(is_director)
def team_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    people.team_delete(team=get_object_or_404(Team, pk=pk), actor=request.user)
    messages.success(request, _("The team is removed."))
    return redirect("team_list")


def _chosen_heir(request: SignedInRequest, person: User) -> User | None:
    """Who was chosen; None for nobody. Raises DomainError when nothing was chosen."""
    form = HeirForm(request.POST, leaving=person)
    if not form.is_valid():
        raise DomainError(_("Say who takes the customers over, or that nobody does."), code="handover_needed")
    chosen = form.cleaned_data["heir"]
    return None if chosen == "nobody" else User.objects.salespeople().get(public_id=chosen)
