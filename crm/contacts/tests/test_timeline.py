"""The story of a contact: in order, whole, page by page, and only what the reader may see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.people.models import User
from crm.activities.models import Note
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from crm.contacts.timeline import PAGE, timeline_page
from crm.leads.tests.factories import LeadFactory
from crm.sales.tests.factories import OrderFactory
from crm.surveys.models import NpsAnswer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def contact(owner: User) -> Contact:
    made: Contact = ContactFactory.create()
    MiniListMembership.objects.create(contact=made, owner=owner, since=NOON - timedelta(days=900))
    return made


def noted(contact: Contact, text: str, at: datetime, author: User | None = None) -> Note:
    return Note.objects.create(contact=contact, kind="note", text=text, at=at, author=author)


def whole_story(contact: Contact, user: User) -> list[Any]:
    """All pages, one after the other."""
    page = timeline_page(contact=contact, user=user)
    events = list(page.events)
    while page.before:
        page = timeline_page(contact=contact, user=user, before=page.before)
        events += page.events
    return events


def test_every_kind_of_event_newest_first(contact: Contact, director: User) -> None:
    OrderFactory.create(contact=contact, number="A-1", placed_at=NOON)
    noted(contact, "Wants tea", NOON + timedelta(hours=1))
    NpsAnswer.objects.create(contact=contact, score=9, comment="Lovely", answered_at=NOON + timedelta(hours=2))
    LeadFactory.create(contact=contact, interest="Boots", occurred_at=NOON - timedelta(hours=1))
    events = timeline_page(contact=contact, user=director).events
    instants = [event.at for event in events]
    assert instants == sorted(instants, reverse=True)
    texts = [f"{event.title} {event.text}" for event in events if event.at >= NOON]
    assert [word in text for word, text in zip(("Lovely", "Wants tea", "A-1"), texts, strict=True)] == [True] * 3


def test_pages_follow_each_other_without_gap_or_repetition(contact: Contact, director: User) -> None:
    for number in range(PAGE * 2 + 7):
        noted(contact, f"note {number}", NOON + timedelta(minutes=number))
        OrderFactory.create(contact=contact, number=f"O-{number}", placed_at=NOON + timedelta(minutes=number))
    first = timeline_page(contact=contact, user=director)
    assert len(first.events) == PAGE
    assert first.before == first.events[-1].at
    notes = [str(event.text or event.title) for event in whole_story(contact, director) if "note" in event.key]
    assert len(notes) == len(set(notes)) == PAGE * 2 + 7


def test_one_instant_is_never_torn_however_much_happened_in_it(contact: Contact, director: User) -> None:
    """A day's orders of a shop that writes no hours all stand at midnight."""
    for number in range(70):
        OrderFactory.create(contact=contact, number=f"O-{number}", placed_at=NOON)
    earlier = noted(contact, "The day before", NOON - timedelta(days=1))
    first = timeline_page(contact=contact, user=director)
    assert sum(event.at == NOON for event in first.events) == 70
    keys = [event.key for event in whole_story(contact, director)]
    assert sum(key.startswith("order") for key in keys) == 70
    assert any(str(earlier.pk) in key for key in keys)


def test_a_salesperson_reads_the_story_of_their_own_customers_alone(
    contact: Contact, owner: User, teammate: User, analyst: User, signed_in: Any
) -> None:
    noted(contact, "Wants tea", NOON, owner)
    url = f"/contacts/{contact.public_id}/timeline/"
    for user, status in ((owner, 200), (analyst, 200), (teammate, 404)):
        answer = signed_in(user).get(url)
        assert answer.status_code == status
        assert ("Wants tea" in answer.content.decode()) is (status == 200)
    assert signed_in(owner).post(url).status_code == 405


def test_orders_and_answers_leave_the_story_with_the_customer(contact: Contact, owner: User, teammate: User) -> None:
    OrderFactory.create(contact=contact, number="A-1", placed_at=NOON)
    assert any("A-1" in str(event.text) for event in timeline_page(contact=contact, user=owner).events)
    assert not any("A-1" in str(event.text) for event in timeline_page(contact=contact, user=teammate).events)


@pytest.mark.parametrize("before", ["", "x", "2026-03-01", "9999-99-99T00:00", "2026-03-01T12:00", "a\0"])
def test_an_instant_that_cannot_be_read_begins_at_the_newest(
    contact: Contact, director: User, signed_in: Any, before: str
) -> None:
    noted(contact, "Wants tea", NOON)
    answer = signed_in(director).get(f"/contacts/{contact.public_id}/timeline/", {"before": before})
    assert answer.status_code == 200
    assert "Wants tea" in answer.content.decode()
