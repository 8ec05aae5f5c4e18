"""What other apps join of consent and suppression."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crm.consent.models import Consent, ConsentTopic, Suppression
from crm.consent.sql import email_consents, is_suppressed, suppressions_insert
from crm.consent.tests.factories import ConsentTopicFactory
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def news() -> ConsentTopic:
    return ConsentTopicFactory.create(code="news")


@pytest.fixture
def offers() -> ConsentTopic:
    return ConsentTopicFactory.create(code="offers")


def say(
    contact: Contact, topic: ConsentTopic, given: bool, *, days_ago: int = 0, channel: str = Consent.Channel.EMAIL
) -> None:
    Consent.objects.create(
        contact=contact, topic=topic, given=given, channel=channel, source="test", at=NOW - timedelta(days=days_ago)
    )


def consents(topic: ConsentTopic | None, narrowed: str = "", **parameters: Any) -> dict[int, bool]:
    with connection.cursor() as cursor:
        cursor.execute(email_consents(narrowed), {"topic": topic.pk if topic else None, **parameters})
        return dict(cursor.fetchall())


def test_the_newest_record_on_the_topic_holds(news: ConsentTopic) -> None:
    left, back = ContactFactory.create(), ContactFactory.create()
    say(left, news, False, days_ago=1)
    say(left, news, True, days_ago=2)
    say(back, news, False, days_ago=2)
    say(back, news, True, days_ago=1)
    assert consents(news) == {left.pk: False, back.pk: True}


def test_of_two_records_of_one_moment_the_later_one_holds(news: ConsentTopic) -> None:
    left, back = ContactFactory.create(), ContactFactory.create()
    say(left, news, True)
    say(left, news, False)
    say(back, news, False)
    say(back, news, True)
    assert consents(news) == {left.pk: False, back.pk: True}


def test_another_topic_says_nothing_about_this_one(news: ConsentTopic, offers: ConsentTopic) -> None:
    ada = ContactFactory.create()
    say(ada, offers, True)
    assert consents(news) == {}
    assert consents(offers) == {ada.pk: True}


def test_another_channel_says_nothing_about_email(news: ConsentTopic) -> None:
    ada = ContactFactory.create()
    say(ada, news, True, channel=Consent.Channel.PHONE)
    assert consents(news) == {}


def test_without_a_topic_any_current_consent_will_do(news: ConsentTopic, offers: ConsentTopic) -> None:
    one, none = ContactFactory.create(), ContactFactory.create()
    say(one, news, False)
    say(one, offers, True)
    say(none, news, False)
    say(none, offers, True, days_ago=2)
    say(none, offers, False, days_ago=1)
    assert consents(None) == {one.pk: True, none.pk: False}


def test_only_those_asked_for(news: ConsentTopic) -> None:
    ada, other = ContactFactory.create(), ContactFactory.create()
    say(ada, news, True)
    say(other, news, True)
    assert consents(news, "AND contact_id = ANY(%(ids)s)", ids=[ada.pk]) == {ada.pk: True}


def suppress(address_hash: str, *, lifted_at: datetime | None = None) -> None:
    Suppression.objects.create(address_hash=address_hash, reason=Suppression.Reason.MANUAL, lifted_at=lifted_at)


def test_an_address_is_suppressed_until_it_is_lifted() -> None:
    suppress("listed")
    suppress("lifted", lifted_at=NOW)
    suppress("again", lifted_at=NOW)
    suppress("again")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT hash, {is_suppressed('hash')} FROM unnest(%s::text[]) hash",
            [["listed", "lifted", "again", "unknown", None]],
        )
        assert dict(cursor.fetchall()) == {
            "listed": True, "lifted": False, "again": True, "unknown": False, None: False,
        }  # fmt: skip


def test_what_is_suppressed_already_stays_as_it_is() -> None:
    suppress("listed")
    suppress("lifted", lifted_at=NOW)
    found = "SELECT hash, 'bounced', 'bounce:1', %s::timestamptz FROM unnest(%s::text[]) hash"
    with connection.cursor() as cursor:
        cursor.execute(suppressions_insert(found), [NOW, ["listed", "lifted", "new"]])
    in_force = dict(Suppression.objects.in_force().values_list("address_hash", "reason"))
    assert in_force == {"listed": "manual", "lifted": "bounced", "new": "bounced"}
    assert Suppression.objects.get(address_hash="new").source == "bounce:1"
