"""Who works here: roles, teams, leaving and coming back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.people.access_end import access_ends
from accounts.people.models import Team, User
from accounts.people.reassignment import assigned_counts
from core.errors import Conflict, DomainError


@transaction.atomic
def user_create(
    *,
    email: str,
    full_name: str,
    role: str,
    password: str,
    actor: User | None,
    team: Team | None = None,
    language: str = "en",
) -> User:
    """A new person who may sign in at once. Raises DomainError `email_taken`, `password_weak`, `role_unknown`."""
    if role not in User.Role.values:
        raise DomainError(_("This role does not exist."), code="role_unknown", fields={"role": _("Choose a role.")})
    user = User(email=email.strip().lower(), full_name=full_name.strip(), role=role, team=team, language=language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        text = " ".join(error.messages)
        raise DomainError(text, code="password_weak", fields={"password": text}) from error
    user.set_password(password)
    try:
        user.full_clean(exclude=["password"])
        with transaction.atomic():
            user.save()
    except ValidationError as error:
        fields = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        code = "email_taken" if User.objects.filter(email=user.email).exists() else "invalid"
        raise DomainError(" ".join(fields.values()), code=code, fields=fields) from error
    except IntegrityError as error:
        raise DomainError(_("This e-mail address already has an account."), code="email_taken") from error
    audit_record(actor=actor, action="user_create", subject=user, changes={"role": (None, user.role)})
    return user


@transaction.atomic
def user_change(*, user: User, role: str, team: Team | None, full_name: str, actor: User) -> User:
    """Change name, role or team. Raises `director_last` when nobody would be left to direct, `handover_needed` when
    a salesperson who holds customers would stop being one."""
    before, user = _locked(user), _locked(user)
    user.role, user.team, user.full_name = role, team, full_name.strip()
    if before.role != role:
        _require_another_director(before)
        if before.is_salesperson and assigned_counts(before):
            raise DomainError(
                _("%(name)s has assigned customers. Hand over the customers first, then change the role.")
                % {"name": before.full_name},
                code="handover_needed",
                fields={"role": _("Hand over the customers first.")},
            )
    user.full_clean(exclude=["password"])
    user.save(update_fields=["role", "team", "full_name"])
    changes = changed_fields(before, user, ["role", "team", "full_name"])
    if changes:
        audit_record(actor=actor, action="user_change", subject=user, changes=changes)
    return user


@transaction.atomic
def user_hand_over(*, user: User, heir: User | None, actor: User) -> dict[str, int]:
    """Move all a person looks after to `heir`, or to nobody. Returns the counts by responsibility."""
    if heir is not None and (heir.pk == user.pk or not heir.is_active or not heir.is_salesperson):
        raise DomainError(_("Choose another salesperson with access."), code="heir_unsuitable")
    return {duty.code: duty.hand_over(user, heir, actor) for duty, _count in assigned_counts(user)}


@transaction.atomic
def user_deactivate(*, user: User, actor: User, heir: User | None = None, release: bool = False) -> User:
    """End a person's access: sign-in, open sessions and tokens. What they look after goes to `heir`, or to nobody
    with `release`. Raises `handover_needed`, `director_last`, `deactivate_oneself`, `user_inactive`."""
    user = _locked(user)
    if user.pk == actor.pk:
        raise DomainError(_("Only another director can revoke your access."), code="deactivate_oneself")
    if not user.is_active:
        raise Conflict(_("The access of %(name)s was already revoked.") % {"name": user}, code="user_inactive")
    _require_another_director(user)
    if assigned_counts(user):
        if heir is None and not release:
            raise DomainError(
                _("%(name)s has assigned customers. Choose a new owner for the customers.") % {"name": user},
                code="handover_needed",
            )
        user_hand_over(user=user, heir=heir, actor=actor)
    user.is_active = False
    user.session_generation += 1
    user.save(update_fields=["is_active", "session_generation"])
    for ending in access_ends:
        ending.end(user)
    audit_record(actor=actor, action="user_deactivate", subject=user, changes={"is_active": (True, False)})
    return user


@transaction.atomic
def user_reactivate(*, user: User, actor: User) -> User:
    """Let a person sign in again. Their old sessions and tokens stay ended."""
    user = _locked(user)
    if user.is_active:
        raise Conflict(_("%(name)s already has access.") % {"name": user}, code="user_active")
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit_record(actor=actor, action="user_reactivate", subject=user, changes={"is_active": (False, True)})
    return user


@dataclass(frozen=True)
class BulkChangeResult:
    """Several people at once: whose access changed, and why it did not for the others (a sentence each)."""

    done: list[User]
    refused: list[str]


@transaction.atomic
def users_deactivate(*, users: Iterable[User], actor: User) -> BulkChangeResult:
    """End the access of several people. Those who look after customers, the last director and oneself keep it."""
    return _each(users, lambda user: user_deactivate(user=user, actor=actor))


@transaction.atomic
def users_reactivate(*, users: Iterable[User], actor: User) -> BulkChangeResult:
    """Let several people sign in again."""
    return _each(users, lambda user: user_reactivate(user=user, actor=actor))


def _each(users: Iterable[User], change: Callable[[User], User]) -> BulkChangeResult:
    done, refused = [], []
    for user in users:
        try:
            done.append(change(user))
        except DomainError as error:
            refused.append(error.message)
    return BulkChangeResult(done, refused)


@transaction.atomic
def team_create(*, name: str, actor: User) -> Team:
    team = Team(name=name.strip())
    _save_team(team)
    audit_record(actor=actor, action="team_create", subject=team)
    return team


@transaction.atomic
def team_rename(*, team: Team, name: str, actor: User) -> Team:
    before = team.name
    team.name = name.strip()
    _save_team(team)
    audit_record(actor=actor, action="team_rename", subject=team, changes={"name": (before, team.name)})
    return team


@transaction.atomic
def team_delete(*, team: Team, actor: User) -> None:
    """Remove a team nobody is in. Raises `team_in_use`."""
    if team.members.exists():
        raise DomainError(_("Move the team's users to another team first."), code="team_in_use")
    audit_record(actor=actor, action="team_delete", subject=team)
    team.delete()


def _save_team(team: Team) -> None:
    try:
        team.full_clean()
    except ValidationError as error:
        text = " ".join(error.messages)
        raise DomainError(text, code="team_invalid", fields={"name": text}) from error
    team.save()


def _locked(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).get(pk=user.pk)


def _require_another_director(user: User) -> None:
    """Raises `director_last` when `user` is the only director who may sign in. Locks the directors' rows, so that two
    cannot remove each other at once."""
    directors: models.QuerySet[User] = User.objects.active_directors().select_for_update()
    if user.is_director and user.is_active and {it.pk for it in directors} == {user.pk}:
        raise DomainError(
            _("%(name)s is the only director. Give another user the director role first.") % {"name": user},
            code="director_last",
        )
