"""Where a click goes: only to addresses stored with the send."""

from dataclasses import dataclass, field
from typing import Any

from django.db import close_old_connections
from django.utils.encoding import iri_to_uri

from crm.contacts.models import Contact
from delivery.engine.compile import CompiledVariant, environment
from delivery.engine.fields import FIELDS, clean
from delivery.engine.tokens import TEST_MESSAGES, Recipient
from delivery.sends.models import Link, TestMessage

MAX_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Target:
    """A stored address; `is_personal` says that merge fields are filled in for who clicks. `start` is the beginning of
    the answer for all others, made once."""

    url: str
    is_personal: bool
    start: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        answer = {"type": "http.response.start", "status": 302, "headers": redirect_headers(self.url)}
        object.__setattr__(self, "start", answer)


def redirect_headers(url: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"location", iri_to_uri(url).encode()),
        (b"content-length", b"0"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store, max-age=0"),
        (b"x-robots-tag", b"noindex, nofollow"),
    ]


class Links:
    """The links of sends that were clicked, kept in memory (`known`). `find` reads Postgres: call it in a thread."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], Target] = {}

    def find(self, send_id: int, position: int) -> Target | None:
        close_old_connections()
        if len(self.known) > MAX_KEPT:
            self.known.clear()
        for place, url in Link.objects.filter(send_id=send_id).values_list("position", "url"):
            self.known[send_id, place] = Target(url, "{{" in url or "{%" in url)
        return self.known.get((send_id, position))


def link_of_test_message(who: Recipient) -> str | None:
    """Where a link of a test message leads, as its sample contact's would; None when the message is gone."""
    close_old_connections()
    test_message = TestMessage.objects.filter(pk=who.contact_id - TEST_MESSAGES, send_id=who.send_id).first()
    url = CompiledVariant.load(bytes(test_message.compiled)).links.get(who.link) if test_message is not None else None
    if test_message is None or url is None:
        return None
    return personal_url(Target(url, True), test_message.contact_id) if "{{" in url or "{%" in url else url


def personal_url(target: Target, contact_id: int | None) -> str:
    """The address with the clicking contact's values; its site is fixed text, so they cannot lead elsewhere."""
    close_old_connections()
    contact = Contact.objects.filter(pk=contact_id).first() if contact_id is not None else None
    values = {}
    if contact is not None:
        values = {name: clean(getattr(contact, name)) for name in FIELDS if getattr(contact, name, None)}
    return environment().render_str(target.url, "link.txt", contact=values)
