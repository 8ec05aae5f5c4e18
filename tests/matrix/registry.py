"""Who asks, what a route promises, and where the promises are collected from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from accounts.people.models import Team, User
from accounts.people.tests.factories import UserFactory
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory

ANONYMOUS = "anonymous"
DIRECTORS = frozenset({"director"})
MARKETERS = frozenset({"director", "marketer"})
DESIGNERS = frozenset({"director", "marketer", "designer"})
OFFICE = frozenset({"director", "marketer", "designer", "analyst"})
OWNER = frozenset({"owner"})
SALESPEOPLE = frozenset({"owner", "teammate", "outsider"})
OFFICE_AND_OWNER = OFFICE | OWNER
MARKETERS_AND_OWNER = MARKETERS | OWNER
EVERYONE = OFFICE | SALESPEOPLE
PUBLIC = EVERYONE | {ANONYMOUS}
NOBODY: frozenset[str] = frozenset()
ACTORS = ("director", "marketer", "designer", "analyst", "owner", "teammate", "outsider", ANONYMOUS)

APPS = ("core", "accounts", "crm", "marketing", "delivery", "campaigns", "analytics", "config", "tools")
ROOT = Path(__file__).resolve().parents[2]


class Cast:
    """The actors of one case, made when first asked for; the things in the case belong to `owner`. `asking` is who
    asks, None for anonymous: for what everybody has of their own, as tokens."""

    asking: User | None = None

    def _person(self, role: User.Role, name: str, team: Team | None = None) -> User:
        person: User = UserFactory.create(full_name=name, email=f"{name.lower()}@company.example", role=role, team=team)
        return person

    @cached_property
    def director(self) -> User:
        return self._person(User.Role.DIRECTOR, "Dora")

    @cached_property
    def marketer(self) -> User:
        return self._person(User.Role.MARKETER, "Marco")

    @cached_property
    def designer(self) -> User:
        return self._person(User.Role.DESIGNER, "Delia")

    @cached_property
    def analyst(self) -> User:
        return self._person(User.Role.ANALYST, "Ana")

    @cached_property
    def team(self) -> Team:
        return Team.objects.create(name="North")

    @cached_property
    def owner(self) -> User:
        return self._person(User.Role.SALESPERSON, "Olga", self.team)

    @cached_property
    def teammate(self) -> User:
        return self._person(User.Role.SALESPERSON, "Tomas", self.team)

    @cached_property
    def outsider(self) -> User:
        return self._person(User.Role.SALESPERSON, "Otto")

    @cached_property
    def contact(self) -> Contact:
        """A contact on the owner's mini-list."""
        contact: Contact = ContactFactory.create()
        MiniListMembership.objects.create(contact=contact, owner=self.owner)
        return contact

    def person(self, actor: str) -> User | None:
        return None if actor == ANONYMOUS else getattr(self, actor)


def nothing(cast: Cast) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Route:
    """What one URL promises; the package's docstring says how to write one."""

    get: frozenset[str] = NOBODY
    post: frozenset[str] = NOBODY
    kwargs: Callable[[Cast], dict[str, Any]] = nothing
    body: Callable[[Cast], Any] = nothing
    query: str = ""
    method: str = "post"
    personal: bool = False
    changed: int | None = None


def routes() -> dict[str, Route]:
    """Every described route, by URL name. Raises ValueError when a name is described twice."""
    found: dict[str, Route] = {}
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("tests/routes*.py"))]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    for module in [*modules, "tests.matrix.third_party"]:
        for name, route in import_module(module).ROUTES.items():
            if name in found:
                raise ValueError(f"route {name!r} is described twice, the second time in {module}")
            found[name] = route
    return found
