"""A salesperson beside colleagues: nothing of a colleague's world shows in any answer, moves any figure of theirs, or
can be changed by slipping its ids into a request that is otherwise their own."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.people.models import User
from campaigns.campaigns.models import Campaign
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from core.models import Job
from crm.activities.models import FollowUp, Note
from crm.channels.models import Channel
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.leads.models import Lead
from crm.leads.tests.factories import LeadFactory
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer
from delivery.senders.tests.factories import identity_make
from delivery.sends.models import Send
from tests.matrix.test_matrix import DESCRIBED, company, rolled_back, same_session, send

WORD = "Zorrilla"
# What is new in every answer: tokens against forgery, keys of public forms, the moment a figure was read.
PASSING = re.compile(r'name="(csrfmiddlewaretoken|key)" value="[^"]+"|"X-CSRFToken": ?"[^"]+"|as_of":"[^"]+"')
# How a page is asked for: searched, filtered by the colleague, exported, as a figure by split.
ASKED = (
    "",
    f"q={WORD}",
    "owner={colleague}",
    "salesperson={colleague}",
    "author={colleague}",
    "to={contact}",
    "contact={contact}",
    "export=csv",
    "export=xlsx",
    "format=csv",
    "by=salesperson",
    "by=channel",
    f"sort=-name&q={WORD.lower()}",
)
# Under these names requests carry ids of people, contacts and other things.
IDS = ("ids", "id", "to", "contact", "contacts", "owner", "salesperson", "lead", "letter", "author", "recipients")


class Neighbour:
    """All that a colleague can have: customers, what is known of them, letters to them, background jobs."""

    def __init__(self, colleague: User) -> None:
        now = timezone.now()
        self.colleague = colleague
        self.contact: Contact = ContactFactory.create(
            first_name=WORD, last_name=WORD, email=f"{WORD}@example.com".lower(), city=f"{WORD} town",
            first_order_at=now - timedelta(days=3), last_order_at=now - timedelta(days=3), tastes=[WORD.lower()],
            last_contacted_at=now - timedelta(days=200),
        )  # fmt: skip
        MiniListMembership.objects.create(contact=self.contact, owner=colleague)
        order = OrderFactory.create(contact=self.contact, number=f"{WORD}-1", placed_at=now - timedelta(days=3))
        self.lead: Lead = LeadFactory.create(
            contact=self.contact, owner=colleague, interest=WORD, channel=Channel.objects.get(code="seo")
        )
        self.note = Note.objects.create(contact=self.contact, kind="call", text=WORD, author=colleague)
        NpsAnswer.objects.create(contact=self.contact, score=2, comment=WORD, invitation=WORD, answered_at=now)
        FollowUp.objects.create(contact=self.contact, owner=colleague, due_on=timezone.localdate(), reason="idle")
        self.letter = letter_make(colleague, [self.contact])
        self.letter.send.variants.update(subject=WORD, body=WORD)
        self.job = Job.objects.create(kind="test", actor_id=colleague.pk)
        self.rows: list[Model] = [
            self.contact, order, self.lead, self.note, self.letter, self.letter.send, self.job,
            *MiniListMembership.objects.filter(owner=colleague), *FollowUp.objects.filter(owner=colleague),
            *NpsAnswer.objects.filter(contact=self.contact), *self.letter.send.variants.all(),
        ]  # fmt: skip

    def state(self) -> list[dict[str, Any]]:
        """Every column of every row, and how many rows of each kind point to these."""
        rows = [type(row)._base_manager.filter(pk=row.pk).values().get() for row in self.rows]
        return [*rows, self.pointing()]

    def pointing(self) -> dict[str, int]:
        counts = {}
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if field.related_model is Contact:
                    key = f"{model._meta.label}.{field.name}"
                    counts[key] = model._base_manager.filter(**{field.name: self.contact.pk}).count()
        return counts

    def ids(self) -> list[str]:
        things = (self.contact, self.lead, self.letter, self.colleague)
        return [thing.public_id for thing in things] + [str(self.contact.pk)]


def read(client: Client, url: str, **headers: str) -> str:
    """What an answer says, whatever it is written as, without the tokens that differ each time."""
    answer = client.get(url, headers=headers)
    raw = answer.getvalue()
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"".join(book.read(name) for name in sorted(book.namelist()) if "docProps" not in name)
    return f"{answer.status_code} {PASSING.sub('', raw.decode(errors='replace'))}"


READ = sorted(name for name, route in DESCRIBED.items() if {"owner"} & route.get)


@pytest.mark.django_db
@pytest.mark.parametrize("name", READ)
def test_a_colleagues_world_shows_nowhere(name: str) -> None:
    """Each page, part, export and figure reads the same whether the colleague has customers or none."""
    route = DESCRIBED[name]
    cast, browsers = company()
    cast.asking = cast.owner
    assert cast.contact
    identity_make()
    with rolled_back():
        url = reverse(name, kwargs=route.kwargs(cast))
        with rolled_back():
            neighbour = Neighbour(cast.teammate)
        filled = [
            asked.format(colleague=cast.teammate.public_id, contact=neighbour.contact.public_id) for asked in ASKED
        ]
        addresses = [url + route.query] + [f"{url}?{asked}" for asked in filled if asked]
        ways: list[tuple[str, dict[str, str]]] = [(address, {}) for address in addresses]
        ways += [(address, {"HX-Request": "true"}) for address in addresses[:2]]
        before = [read(same_session(browsers["owner"]), address, **headers) for address, headers in ways]
        Neighbour(cast.teammate)
        after = [read(same_session(browsers["owner"]), address, **headers) for address, headers in ways]
    assert before == after


CHANGED = sorted(name for name, route in DESCRIBED.items() if {"owner"} & route.post)


@pytest.mark.django_db
@pytest.mark.parametrize("name", CHANGED)
def test_a_colleagues_ids_beside_ones_own_change_nothing_of_theirs(name: str, settings: Any) -> None:
    """The request is valid and one's own; under every name that carries ids stand one's own and the colleague's."""
    settings.ACCOUNT_RATE_LIMITS = False
    route = DESCRIBED[name]
    cast, browsers = company()
    cast.asking = cast.owner
    own, neighbour = cast.contact, Neighbour(cast.teammate)
    before = neighbour.state()
    with rolled_back():
        url = reverse(name, kwargs=route.kwargs(cast)) + route.query
        for field in IDS:
            mixed = {field: [own.public_id, *neighbour.ids()]}
            with rolled_back():
                body = {**route.body(cast), **mixed}
                answer = (
                    same_session(browsers["owner"]).generic(
                        route.method.upper(), url, json.dumps(body), content_type="application/json"
                    )
                    if url.startswith("/api/")
                    else same_session(browsers["owner"]).post(url, body)
                )
                assert answer.status_code < 500, f"{field}: {answer.status_code}"
                assert neighbour.state() == before, f"{name} with {field} changed a colleague's"
                assert WORD not in answer.content.decode() or answer.status_code == 302, f"{field} shows a colleague's"


OFFICE_ONLY = sorted(
    name for name, route in DESCRIBED.items() if route.post and not route.post & {"owner", "anonymous"}
)


@pytest.mark.django_db
@pytest.mark.parametrize("name", OFFICE_ONLY)
def test_what_the_office_does_to_many_no_salesperson_does_even_to_their_own(name: str) -> None:
    route = DESCRIBED[name]
    cast, browsers = company()
    cast.asking = cast.owner
    own, neighbour = cast.contact, Neighbour(cast.teammate)
    with rolled_back():
        url = reverse(name, kwargs=route.kwargs(cast)) + route.query
        body = route.body(cast)
        if isinstance(body, dict):
            body = {**body, **{field: [own.public_id, *neighbour.ids()] for field in IDS if field in body}}
        before = neighbour.state()
        answer = send(same_session(browsers["owner"]), url, _with(route, body), cast)
        assert answer.status_code in {403, 404}
        assert neighbour.state() == before


def _with(route: Any, body: Any) -> Any:
    from dataclasses import replace

    return replace(route, body=lambda cast: body)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["contact_bulk_archive", "contact_bulk_suppress", "contact_bulk_assign", "leads_assign"]
)
@pytest.mark.parametrize("seen", ["", "1", "2", "99999999999999999999", "½"])
def test_of_many_where_one_is_not_there_none_is_touched(name: str, seen: str) -> None:
    """An id that nobody has beside a good one: the answer says that the list is another, and nothing is done."""
    cast, browsers = company()
    neighbour = Neighbour(cast.teammate)
    before = neighbour.state()
    good = neighbour.lead if name == "leads_assign" else neighbour.contact
    body = {"ids": [good.public_id, "zzzzzzzzzzzzzz"], "count": seen, "owner": cast.owner.public_id}
    answer = same_session(browsers["marketer"]).post(reverse(name), body)
    assert answer.status_code == 409
    assert neighbour.state() == before


@pytest.mark.django_db
def test_a_letter_goes_to_ones_own_alone() -> None:
    cast, browsers = company()
    own, neighbour = cast.contact, Neighbour(cast.teammate)
    letter = letter_make(cast.owner, [own])
    answer = same_session(browsers["owner"]).post(
        reverse("letter_recipients", kwargs={"public_id": letter.public_id}),
        {"contact": [own.public_id, neighbour.contact.public_id]},
    )
    assert answer.status_code == 422
    assert "not the owner of one of these contacts" in answer.content.decode()
    assert Letter.objects.get(pk=letter.pk).recipients == [own.pk]
    created = same_session(browsers["owner"]).post(
        reverse("letter_create"), {"to": [own.public_id, neighbour.contact.public_id]}
    )
    assert created.status_code == 422
    assert Letter.objects.filter(author=cast.owner).count() == 1
    assert not Campaign.objects.exists()
    assert Send.objects.filter(letter__author=cast.owner).count() == 1
