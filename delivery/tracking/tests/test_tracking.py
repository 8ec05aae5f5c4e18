"""Tracking: signed tokens, nothing acknowledged is lost or counted twice, programs separated from people."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from crm.contacts.tests.factories import ContactFactory
from delivery.engine.throttle import shared
from delivery.engine.tokens import Recipient, token_make, token_read
from delivery.sends.models import Delivery, Link, Variant
from delivery.sends.tests.factories import VariantFactory
from delivery.tracking.app import Tracking
from delivery.tracking.appender import Appender
from delivery.tracking.collect import events_collect
from delivery.tracking.entries import STREAM, entry_line, entry_new
from delivery.tracking.machines import REASONS, address_of
from delivery.tracking.models import Engagement, Event, EventInbox
from delivery.tracking.store import events_store
from delivery.tracking.tests.loops import in_a_loop

pytestmark = pytest.mark.django_db(transaction=True)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@pytest.fixture(autouse=True)
def _empty_stream() -> None:
    shared().delete(STREAM)


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("Django was asked")


def ask(
    *paths: str, method: str = "GET", agent: str = BROWSER, client: str = "127.0.0.1", **headers: str
) -> list[tuple[int, dict[str, str]]]:
    """Answers of one application to requests that come at the same time."""

    async def one(app: Tracking, path: str) -> tuple[int, dict[str, str]]:
        sent: list[Any] = []
        given = {"user-agent": agent, **headers}
        scope = {
            "type": "http", "method": method, "path": path, "client": [client, 1],
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }  # fmt: skip

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, nobody, send)  # type: ignore[arg-type]
        return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}

    async def together() -> list[tuple[int, dict[str, str]]]:
        app = Tracking(nobody)
        return list(await asyncio.gather(*(one(app, path) for path in paths)))

    return in_a_loop(together)


def received(links: int = 1) -> tuple[Variant, int]:
    """An arm with links, and a contact who got it a while ago."""
    variant, contact = VariantFactory.create(), ContactFactory.create(first_name="Ada & co")
    for position in range(1, links + 1):
        Link.objects.create(
            send=variant.send, variant=variant, position=position, url=f"https://shop.example/{position}"
        )
    Delivery.objects.create(
        send_id=variant.send_id, contact_id=contact.pk, variant_id=variant.pk, batch=1, state="sent",
        changed_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    return variant, contact.pk


def click(variant: Variant, contact: int, link: int = 1) -> str:
    return "/c/" + token_make("click", variant.send_id, contact, link)


def test_a_token_is_read_for_its_purpose_only_and_as_it_was_written() -> None:
    token = token_make("click", 3, 2**40, 9)
    assert token_read("click", token) == Recipient(3, 2**40, 9)
    assert token_read("unsub", token) is None
    assert token_read("click", "+" + token[1:]) is None
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert token_read("click", token[:place] + other + token[place + 1 :]) is None
    assert token_read("click", "ñ" * 28) is None
    assert token_read("click", token + "=") is None


def test_opens_and_clicks_are_counted_once() -> None:
    variant, contact = received()
    pixel = "/o/" + token_make("open", variant.send_id, contact)
    answers = ask(pixel, pixel, click(variant, contact))
    assert [status for status, _ in answers] == [200, 200, 302]
    assert answers[2][1]["location"] == "https://shop.example/1"
    assert events_collect() == 3
    assert events_collect() == 0
    row = Engagement.objects.get(send_id=variant.send_id, contact_id=contact)
    assert (row.opens, row.clicks, row.human_opens, row.human_clicks, row.variant_id) == (2, 1, 2, 1, variant.pk)
    assert Event.objects.get(kind="click").link_id == Link.objects.get().pk
    assert shared().xlen(STREAM) == 0


def test_an_entry_stored_twice_is_one_event() -> None:
    variant, contact = received()
    entry = entry_new("click", variant.send_id, contact, link=1, user_agent="a\tb\\N\nc")
    events_store([entry, entry])
    events_store([entry])
    assert Event.objects.get().user_agent == "a b N c"
    row = Engagement.objects.get()
    assert (row.clicks, row.links) == (1, [Link.objects.get().pk])


def test_entries_that_come_late_and_again_sum_up_to_the_same() -> None:
    """In any order, in any portions, some of them twice: the figures are those of the events."""
    variant, contact = received(links=2)
    first, second, machine = (
        entry_new("click", variant.send_id, contact, link=1),
        entry_new("click", variant.send_id, contact, link=2),
        entry_new("open", variant.send_id, contact, machine="apple_privacy"),
    )
    events_store([second, machine])
    events_store([second])
    events_store([first, machine])
    row = Engagement.objects.get()
    assert (row.opens, row.clicks, row.human_opens, row.human_clicks) == (1, 2, 0, 2)
    assert row.first_click_at
    assert row.first_click_at.timestamp() == pytest.approx(first.at / 1e6)
    assert row.links == sorted(Link.objects.values_list("pk", flat=True))


def test_redis_away_goes_straight_to_postgres(settings: Settings) -> None:
    variant, contact = received()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ask(click(variant, contact))[0][0] == 302
    assert EventInbox.objects.count() == 1
    events_collect()
    assert Engagement.objects.get().human_clicks == 1
    assert not EventInbox.objects.exists()


def test_a_redis_that_refuses_or_is_silent_costs_nothing() -> None:
    """It takes no more (out of memory): the clicks are in Postgres, and in the stream again once it does."""
    variant, contact = received()
    shared().set(STREAM, "not a stream")
    assert {status for status, _ in ask(*[click(variant, contact)] * 5)} == {302}
    assert EventInbox.objects.count() == 5
    shared().delete(STREAM)
    assert ask(click(variant, contact))[0][0] == 302
    assert events_collect() == 6
    assert Engagement.objects.get().clicks == 6


def test_those_that_wait_share_a_write() -> None:
    variant, contact = received()

    async def together() -> None:
        appender = Appender()
        await appender.append(entry_line(entry_new("click", variant.send_id, contact, link=1)))
        await asyncio.gather(
            *(appender.append(entry_line(entry_new("open", variant.send_id, contact))) for _ in range(50))
        )

    in_a_loop(together)
    assert shared().xlen(STREAM) == 2
    assert events_collect() == 51


def test_a_connection_that_ends_unnoticed_costs_nothing() -> None:
    """Lost between two groups, just before the next is written."""
    variant, contact = received()

    async def lose() -> None:
        appender = Appender()
        await appender.append(entry_line(entry_new("click", variant.send_id, contact, link=1)))
        connection = appender.connection
        assert connection is not None
        connection._lose("gone")
        done = appender.loop.create_future()
        connection.write([entry_line(entry_new("click", variant.send_id, contact, link=1))], [done])
        await asyncio.wait_for(done, 5)
        await asyncio.wait_for(appender.append(entry_line(entry_new("open", variant.send_id, contact))), 5)

    in_a_loop(lose)
    events_collect()
    assert Event.objects.count() == 3


def test_strangers_get_404_and_leave_no_trace() -> None:
    variant, contact = received()
    good = click(variant, contact)
    wrong = [good[:-1] + ("A" if good[-1] != "A" else "B"), "/c/", "/c/https://evil.example", "/o/x",
             "/o/" + good[3:], click(variant, contact, 7)]  # fmt: skip
    assert {status for status, _ in ask(*wrong)} == {404}
    assert ask(good, method="POST")[0][0] == 405
    assert events_collect() == 0


def test_merge_fields_in_a_link_are_filled_in_and_cannot_leave_its_site() -> None:
    variant, contact = received()
    Link.objects.update(url="https://shop.example/p?name={{ (contact.first_name)|urlencode }}#top")
    assert ask(click(variant, contact))[0][1]["location"] == "https://shop.example/p?name=Ada%20%26%20co#top"


FIREFOX_PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("request_of", "reason"),
    [
        ({"method": "HEAD"}, "head"),
        ({"sec-purpose": "prefetch;prerender"}, "prefetch"),
        ({"purpose": "prefetch"}, "prefetch"),
        ({"x-moz": "prefetch"}, "prefetch"),
        ({"x-purpose": "preview"}, "prefetch"),
        ({"agent": FIREFOX_PROXY}, "google_proxy"),
        ({"agent": "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"}, "yahoo_proxy"),
        ({"agent": "Mozilla/5.0"}, "apple_privacy"),
        ({"agent": ""}, "no_agent"),
        ({"agent": "WhatsApp/2.24 A"}, "preview"),
        ({"agent": f"{CHROME} SkypeUriPreview Preview/0.5"}, "preview"),
        ({"agent": "facebookexternalhit/1.1"}, "preview"),
        ({"agent": f"{CHROME} SafeLinks scanner"}, "scanner"),
        ({"agent": "BarracudaCentral/1.0"}, "scanner"),
        ({"agent": "Microsoft Office Existence Discovery"}, "scanner"),
        ({"agent": "python-requests/2.32"}, "scanner"),
        ({"agent": CHROME, "client": "52.101.3.4"}, "network"),
        ({"agent": CHROME, "client": "198.51.100.7"}, ""),
        ({"agent": CHROME, "client": "not an address"}, ""),
        ({}, ""),
        ({"agent": "ia_archiver-web.archive.org"}, "scanner"),
    ],
)
def test_programs_are_recognised_by_what_they_say(request_of: dict[str, str], reason: str) -> None:
    variant, contact = received()
    ask(click(variant, contact), **request_of)
    events_collect()
    assert Event.objects.get().machine == reason
    row = Engagement.objects.get()
    assert (row.clicks, row.human_clicks, len(row.links)) == (1, reason == "", reason == "")
    assert not reason or str(REASONS[reason])


def test_the_address_is_believed_only_from_our_own_proxies(settings: Settings) -> None:
    headers = {b"x-forwarded-for": b"1.1.1.1, 52.101.3.4"}
    assert address_of("10.0.0.1", headers) == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address_of("10.0.0.1", headers) == "52.101.3.4"
    assert address_of("10.0.0.1", {}) == "10.0.0.1"


def test_all_links_at_once_and_clicks_on_arrival_are_no_people() -> None:
    variant, contact = received(links=4)
    ask(*(click(variant, contact, link) for link in (1, 2, 3, 4)))
    events_collect()
    assert set(Event.objects.values_list("machine", flat=True)) == {"burst"}
    other, someone = received()
    Delivery.objects.filter(contact_id=someone).update(changed_at=datetime.now(UTC))
    ask(click(other, someone))
    events_collect()
    assert Event.objects.get(send_id=other.send_id).machine == "too_soon"
    assert Engagement.objects.get(send_id=other.send_id).clicks == 1
