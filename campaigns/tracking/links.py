"""Where a click goes: only to addresses stored with the send."""

from dataclasses import dataclass

from django.db import close_old_connections

from campaigns.engine.compile import environment
from campaigns.engine.fields import FIELDS, clean
from campaigns.models import Link
from crm.models import Contact

MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Target:
    """A stored address; `is_personal` says that merge fields are filled in for who clicks."""

    url: str
    is_personal: bool


class Links:
    """The links of sends that were clicked, kept in memory. `find` reads Postgres: call it in a thread."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], Target] = {}

    def kept(self, send_id: int, position: int) -> Target | None:
        return self.known.get((send_id, position))

    def find(self, send_id: int, position: int) -> Target | None:
        close_old_connections()
        if len(self.known) > MOST_KEPT:
            self.known.clear()
        for place, url in Link.objects.filter(send_id=send_id).values_list("position", "url"):
            self.known[send_id, place] = Target(url, "{{" in url or "{%" in url)
        return self.known.get((send_id, position))


def personal_url(target: Target, contact_id: int) -> str:
    """The address with the clicking contact's values; its site is fixed text, so they cannot lead elsewhere."""
    close_old_connections()
    contact = Contact.objects.filter(pk=contact_id).first()
    values = {}
    if contact is not None:
        values = {name: clean(getattr(contact, name)) for name in FIELDS if getattr(contact, name, None)}
    return environment().render_str(target.url, "link.txt", contact=values)
