"""Who may do what, by role; and the decorator every view is guarded with.

Each app decides about its own things in its own `access.py`, out of these. What a person may not see is 404
(`visible_to`), what they see but may not do is 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from accounts.roles import Role
from core.errors import Forbidden

if TYPE_CHECKING:
    from accounts.people.models import User

P = ParamSpec("P")
Check: TypeAlias = "Callable[[User], bool]"
View: TypeAlias = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class SignedInRequest(HttpRequest):
    """What a guarded view is given: the person is known. Only for annotations; a view may also say HttpRequest."""

    user: "User"


GuardedView: TypeAlias = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def is_signed_in(user: "User") -> bool:
    """Every signed-in person."""
    return user.is_active


def is_office(user: "User") -> bool:
    """Sees the whole base: everyone but salespeople."""
    return user.role != Role.SALESPERSON


def is_director(user: "User") -> bool:
    """Sets people, company, targets and limits."""
    return user.role == Role.DIRECTOR


def is_marketer(user: "User") -> bool:
    """Carries the plan out: imports, segments, propositions, campaigns, spend."""
    return user.role in {Role.DIRECTOR, Role.MARKETER}


def is_designer(user: "User") -> bool:
    """May shape content: templates and the letters of campaigns."""
    return user.role in {Role.DIRECTOR, Role.MARKETER, Role.DESIGNER}


def is_salesperson(user: "User") -> bool:
    return user.role == Role.SALESPERSON


def refuse_unless(check: Check, user: "User") -> None:
    """Raises Forbidden with a sentence where the person's role does not include this."""
    if not check(user):
        raise Forbidden(_("Your role does not include this. Ask your director."), code="forbidden")


def require(check: Check) -> Callable[[GuardedView[P]], View[P]]:
    """Guard a view: anonymous people are sent to sign in, others need `check`; else 403 with a sentence."""

    def guard(view: GuardedView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            refuse_unless(check, request.user)
            return view(cast(SignedInRequest, request), *args, **kwargs)

        return guarded

    return guard
