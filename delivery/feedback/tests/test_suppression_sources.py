"""Why nothing is sent to somebody, on their page: the reason, since when, and where it came from."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.people.models import User
from crm.consent.models import Suppression
from crm.consent.services import suppression_add, suppression_of
from crm.consent.suppression_sources import suppression_reason
from crm.contacts.models import Contact, MiniListMembership
from crm.contacts.tests.factories import ContactFactory
from delivery.feedback.models import Bounce

pytestmark = pytest.mark.django_db


def bounced(contact: Contact) -> Bounce:
    """A hard bounce that put the address on the list."""
    bounce = Bounce.objects.create(
        event_key="x", kind="hard", source="mailbox", code="5.1.1", diagnostic="550 5.1.1 no such user", contact=contact
    )
    suppression_add(hashed=contact.address_hash or "", reason="bounced", source=f"bounce:{bounce.pk}")
    return bounce


def test_a_hard_bounce_tells_the_servers_words_and_leads_to_its_report(
    director: User, owner: User, signed_in: Callable[[User], Client]
) -> None:
    ada = ContactFactory.create()
    MiniListMembership.objects.create(contact=ada, owner=owner)
    url = f"/email/bounces/{bounced(ada).pk}/"
    row = suppression_of(contact=ada)
    assert row is not None
    story = suppression_reason(row, director)
    assert (story.reason, story.detail, story.url) == ("Hard bounce", "550 5.1.1 no such user", url)
    assert suppression_reason(row, owner).url == ""
    for person, leads in ((director, True), (owner, False)):
        page = signed_in(person).get(f"/contacts/{ada.public_id}/").content.decode()
        assert "Hard bounce · since" in page
        assert "550 5.1.1 no such user" in page
        assert ('never-because">Hard bounce' in page, f'<a href="{url}">A bounce' in page) == (True, leads)


@pytest.mark.parametrize(
    ("reason", "source", "because", "detail"),
    [
        ("manual", "by hand", "By Dora Director", ""),
        ("imported", "import:old system", "File import", "old system"),
        ("unsubscribed", "unsubscribe mail", "An unsubscribe e-mail", ""),
        ("complained", "something else", "something else", ""),
        ("bounced", "bounce:99999", "A bounce or complaint", ""),
    ],
)
def test_each_source_in_words(director: User, reason: str, source: str, because: str, detail: str) -> None:
    suppression_add(address="ada@far.example", reason=reason, source=source, actor=director)
    story = suppression_reason(Suppression.objects.get(), director)
    assert (story.because, story.detail, story.url) == (because, detail, "")
