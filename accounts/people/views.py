"""Pages about people: the list, invitations and joining, teams, ending and restoring access, one's own profile."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import SignedInRequest, is_director, is_signed_in, require
from accounts.company.models import Company
from accounts.people.forms import InvitationForm, JoinForm, PersonForm, ProfileForm, SuccessorForm, TeamForm
from accounts.people.models import Invitation, Team, User
from accounts.people.reassignment import assigned_counts
from accounts.people.services import people
from accounts.people.services.invitations import (
    invitation_accept,
    invitation_create,
    invitation_digest,
    invitation_resend,
    invitation_revoke,
)
from accounts.people.services.profile import PROFILE_FIELDS, profile_change, sessions_end
from accounts.people.tables import PeopleTable
from core.errors import DomainError
from core.forms import add_domain_error


@require_GET
@require(is_director)
def people_list(request: SignedInRequest) -> HttpResponseBase:
    invitations = Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("team")
    return _table(request).respond("accounts/people/list.html", {"invitations": invitations})


def _table(request: SignedInRequest) -> PeopleTable:
    return PeopleTable(request, User.objects.select_related("team"))


@require_POST
@require(is_director)
def people_deactivate(request: SignedInRequest) -> HttpResponse:
    """End the access of those who are chosen; whoever looks after customers is handed over one by one first."""
    table = _table(request)
    changed = people.users_deactivate(users=table.bulk_selection().queryset.filter(is_active=True), actor=request.user)
    count = len(changed.done)
    text = ngettext("%(count)s user can no longer sign in.", "%(count)s users can no longer sign in.", count)
    table.report(text, changed.done, undo="people_reactivate", refused=changed.refused)
    return table.redirect("people_list")


@require_POST
@require(is_director)
def people_reactivate(request: SignedInRequest) -> HttpResponse:
    table = _table(request)
    changed = people.users_reactivate(users=table.bulk_selection().queryset.filter(is_active=False), actor=request.user)
    text = ngettext("%(count)s user can sign in again.", "%(count)s users can sign in again.", len(changed.done))
    table.report(text, changed.done, undo="people_deactivate", refused=changed.refused)
    return table.redirect("people_list")


@require_http_methods(["GET", "POST"])
@require(is_director)
def invitation_create_view(request: SignedInRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invitation_create(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
            return redirect("people_list")
    return render(request, "accounts/people/invitation_create.html", {"form": form})


@require_POST
@require(is_director)
def invitation_resend_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    invitation = invitation_resend(invitation=get_object_or_404(Invitation, public_id=public_id), actor=request.user)
    messages.success(request, _("A new link is on its way to %(email)s.") % {"email": invitation.email})
    return redirect("people_list")


@require_POST
@require(is_director)
def invitation_revoke_view(request: SignedInRequest, public_id: str) -> HttpResponse:
    invitation = invitation_revoke(invitation=get_object_or_404(Invitation, public_id=public_id), actor=request.user)
    messages.success(
        request, _("Invitation revoked. The link sent to %(email)s no longer works.") % {"email": invitation.email}
    )
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
            messages.success(request, _("Changes to %(name)s saved.") % {"name": form.cleaned_data["full_name"]})
            return redirect("people_list")
    held = assigned_counts(person)
    context = {"person": person, "form": form, "holdings": held, "heir_form": SuccessorForm(leaving=person)}
    return render(request, "accounts/people/edit.html", context)


@require_POST
@require(is_director)
def person_hand_over(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Give everything a person looks after to another, or to nobody."""
    person = get_object_or_404(User, public_id=public_id)
    heir = _chosen_successor(request, person)
    moved = sum([*people.user_hand_over(user=person, heir=heir, actor=request.user).values()])
    text = ngettext("%(count)s customer was handed over.", "%(count)s customers were handed over.", moved)
    messages.success(request, text % {"count": moved})
    return redirect("person_change", public_id=person.public_id)


@require_POST
@require(is_director)
def person_deactivate(request: SignedInRequest, public_id: str) -> HttpResponse:
    person = get_object_or_404(User, public_id=public_id)
    held = bool(assigned_counts(person))
    heir = _chosen_successor(request, person) if held else None
    people.user_deactivate(user=person, actor=request.user, heir=heir, release=held and heir is None)
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": person})
    return redirect("people_list")


@require_POST
@require(is_director)
def person_reactivate(request: SignedInRequest, public_id: str) -> HttpResponse:
    person = people.user_reactivate(user=get_object_or_404(User, public_id=public_id), actor=request.user)
    messages.success(request, _("%(name)s can sign in again.") % {"name": person})
    return redirect("people_list")


@require_http_methods(["GET", "POST"])
@require(is_director)
def team_list(request: SignedInRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team = people.team_create(name=form.cleaned_data["name"], actor=request.user)
        messages.success(request, _("Team %(name)s created.") % {"name": team})
        return redirect("team_list")
    teams = Team.objects.annotate(size=Count("members", filter=Q(members__is_active=True)))
    return render(request, "accounts/people/team_list.html", {"teams": teams, "form": form})


@require_POST
@require(is_director)
def team_rename(request: SignedInRequest, pk: int) -> HttpResponse:
    people.team_rename(team=get_object_or_404(Team, pk=pk), name=request.POST.get("name", ""), actor=request.user)
    messages.success(request, _("Team renamed."))
    return redirect("team_list")


@require_POST
@require(is_director)
def team_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    people.team_delete(team=get_object_or_404(Team, pk=pk), actor=request.user)
    messages.success(request, _("Team deleted."))
    return redirect("team_list")


def _chosen_successor(request: SignedInRequest, person: User) -> User | None:
    """Who was chosen; None for nobody. Raises DomainError when nothing was chosen."""
    form = SuccessorForm(request.POST, leaving=person)
    if not form.is_valid():
        raise DomainError(_("Choose a new owner for the customers, or no owner."), code="handover_needed")
    chosen = form.cleaned_data["heir"]
    return None if chosen == "nobody" else User.objects.salespeople().get(public_id=chosen)


@sensitive_post_parameters("password", "password_again")
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept_view(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = Invitation.objects.open().filter(token_hash=invitation_digest(secret)).first()
    if invitation is None:
        return render(request, "accounts/people/invitation_closed.html", status=410)
    initial = {"full_name": invitation.full_name, "language": invitation.language}
    form = JoinForm(request.POST or None, invitation=invitation, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitation_accept(
                secret=secret,
                full_name=form.cleaned_data["full_name"],
                password=form.cleaned_data["password"],
                language=form.cleaned_data["language"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            record_authentication(request, user, method="password", email=user.email)
            messages.success(request, _("Welcome, %(name)s.") % {"name": user})
            return redirect("home")
    context = {"form": form, "invitation": invitation, "company": Company.get()}
    return render(request, "accounts/people/invitation_accept.html", context)


@require_http_methods(["GET", "POST"])
@require(is_signed_in)
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        profile_change(user=request.user, values={name: form.cleaned_data[name] for name in PROFILE_FIELDS})
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")
    return render(request, "accounts/people/profile.html", {"form": form})


@require_POST
@require(is_signed_in)
def sessions_end_view(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user = sessions_end(user=request.user)
    update_session_auth_hash(request, user)
    messages.success(request, _("You are signed out on every other device."))
    return redirect("profile")
