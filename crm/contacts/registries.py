"""What other apps hang on a contact's page: timeline sources, panels beside it, buttons above it.

Apps above crm (and crm itself) register from `AppConfig.ready`; the page in `crm.contact_pages.views` reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from accounts.people.models import User
from core.registry import Registry
from crm.contacts.models import Contact

Text = str | Promise


@dataclass(frozen=True)
class TimelineEvent:
    """One thing that happened to a contact, as one line of the timeline.

    `key` is unique within its source and orders events of one instant (a primary key as text, padded or not, but
    always the same for the same event). `text` is a second line in plain text; `url` leads to the thing itself.
    `tone` is a judgement colour of the design system ("", "success", "warning", "danger").
    """

    at: datetime
    key: str
    title: Text
    text: Text = ""
    icon: str = "point"
    url: str = ""
    actor: str = ""
    tone: str = ""


@dataclass(frozen=True)
class TimelineSource:
    """A kind of event: `events(contact, user, before, limit)` gives at most `limit` events that happened strictly
    before the instant `before` (or the newest, when None), newest first, only what `user` may see."""

    code: str
    title: Text
    icon: str
    events: Callable[[Contact, User, datetime | None, int], list[TimelineEvent]]


@dataclass(frozen=True)
class ContactPanel:
    """A block on the right of a contact's page: `template` rendered with `context(contact, user)`.

    An empty context (None) leaves the panel out. Panels stand in the order of `order`.
    """

    code: str
    order: int
    template: str
    context: Callable[[Contact, User], Mapping[str, Any] | None]
    visible_to: Callable[[User], bool]


@dataclass(frozen=True)
class ContactAction:
    """A button on a contact's page: `url(contact)`; `visible_to(user, contact)` decides whether it is there.

    One primary action stands first; the others follow in the order of `order`.
    """

    code: str
    title: Text
    url: Callable[[Contact], str]
    visible_to: Callable[[User, Contact], bool]
    icon: str = ""
    order: int = 100
    primary: bool = False


timeline_sources: Registry[TimelineSource] = Registry("timeline source")
contact_panels: Registry[ContactPanel] = Registry("contact panel")
contact_actions: Registry[ContactAction] = Registry("contact action")
