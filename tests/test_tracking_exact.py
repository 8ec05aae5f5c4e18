"""Each acknowledged click is one event, whatever happens to Valkey while groups of them are on their way."""

import asyncio
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from pytest_django import Settings

from delivery.engine.throttle import shared
from delivery.engine.tokens import token_make
from delivery.sends.models import Link, Variant
from delivery.sends.tests.factories import VariantFactory
from delivery.tracking import appender, collect
from delivery.tracking.app import Tracking
from delivery.tracking.collect import events_collect
from delivery.tracking.entries import STREAM, entry_line, entry_new
from delivery.tracking.models import Engagement, Event, EventInbox
from delivery.tracking.tests.loops import in_a_loop
from tools.servers.home import Home
from tools.servers.process import Process
from tools.servers.valkey import Valkey

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 64
RECIPIENTS = 40_000


class Server:
    """A Valkey with its append-only file. It is started in a thread of its own, for it ends with the thread."""

    def __init__(self, home: Home) -> None:
        self.keeper = ThreadPoolExecutor(1)
        store = Valkey(home)
        self.url, self.folder = store.url, home.folder("valkey")
        self.process: Process = self.keeper.submit(store.start).result()

    async def start(self) -> None:
        await asyncio.wrap_future(self.keeper.submit(self._start))

    def _start(self) -> None:
        self.process.start()
        self.process.wait_until_ready()

    async def stop(self) -> None:
        await asyncio.wrap_future(self.keeper.submit(self.process.stop))

    def tell(self, number: signal.Signals) -> None:
        assert self.process.popen
        self.process.popen.send_signal(number)

    def end(self) -> None:
        self.tell(signal.SIGCONT)
        self.process.stop()
        self.keeper.shutdown()


@pytest.fixture
def valkey(tmp_path: Path, settings: Settings) -> Iterator[Server]:
    home = Home(tmp_path / "servers")
    home.open()
    server = Server(home)
    settings.REDIS_URL = server.url
    shared.cache_clear()
    yield server
    server.end()
    shared.cache_clear()


@pytest.fixture
def variant() -> Variant:
    """Sent an hour ago to many; they are numbers in the ledger, nobody reads who they are."""
    variant = VariantFactory.create()
    Link.objects.create(send=variant.send, variant=variant, position=1, url="https://shop.example/")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO delivery_delivery
                (send_id, contact_id, variant_id, batch, state, changed_at, attempts, address, reason, smtp_reply)
            SELECT %s, n, %s, 1, 'sent', now() - interval '1 hour', 1, '', '', '' FROM generate_series(1, %s) n
            """,
            [variant.send_id, variant.pk, RECIPIENTS],
        )
    return variant


class Crowd:
    """Recipients who click one after the other, as many at once as `CLIENTS`, each once."""

    def __init__(self, variant: Variant) -> None:
        self.send_id = variant.send_id
        self.app = Tracking(nobody)
        self.numbers = count(1)
        self.clicking = True
        self.answers: dict[int, int] = {}
        self.collected = 0

    async def click_on(self) -> None:
        while self.clicking and (contact := next(self.numbers)) <= RECIPIENTS:
            await self.click(contact)

    async def click(self, contact: int) -> None:
        async def send(message: Any) -> None:
            self.answers.setdefault(contact, message.get("status"))

        path = "/c/" + token_make("click", self.send_id, contact, 1)
        headers = [(b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")]
        scope = {"type": "http", "method": "GET", "path": path, "client": ["127.0.0.1", 1], "headers": headers}
        await self.app(scope, nobody, send)  # type: ignore[arg-type]

    async def collect(self) -> None:
        while self.clicking:
            self.collected += await asyncio.to_thread(events_collect, seconds=0.2)
            await asyncio.sleep(0.05)

    async def more(self, clicks: int = 300) -> None:
        """Until so many more were answered."""
        wanted = min(len(self.answers) + clicks, RECIPIENTS)
        await until(lambda: len(self.answers) >= wanted)


async def nobody(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("Django was asked")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.01)


async def frozen(valkey: Server) -> None:
    """Neither answers nor hangs up until what was on its way is taken to Postgres; then it works off what had come."""
    before = await asyncio.to_thread(latest)
    valkey.tell(signal.SIGSTOP)
    await until(lambda: latest() > before)
    valkey.tell(signal.SIGCONT)


async def stopped(valkey: Server) -> None:
    before = await asyncio.to_thread(latest)
    await valkey.stop()
    await until(lambda: latest() > before)
    await valkey.start()


async def hung_up(_valkey: Server) -> None:
    """Every connection is closed from the other side, whatever was on it."""
    shared().execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


async def paused(_valkey: Server) -> None:
    """Late, but in time."""
    shared().execute_command("CLIENT", "PAUSE", 300, "WRITE")


def latest() -> int:
    """Grows with every event that goes straight to Postgres."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM delivery_eventinbox_id_seq")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("trouble", [frozen, stopped, hung_up, paused])
def test_a_click_is_one_event_whatever_valkey_does(trouble: Any, valkey: Server, variant: Variant) -> None:
    async def go() -> Crowd:
        crowd = Crowd(variant)
        clients = [asyncio.create_task(crowd.click_on()) for _ in range(CLIENTS)]
        collector = asyncio.create_task(crowd.collect())
        for _ in range(2):
            await crowd.more()
            await trouble(valkey)
        await crowd.more()
        crowd.clicking = False
        await asyncio.gather(*clients, collector)
        return crowd

    crowd = in_a_loop(go)
    while shared().xlen(STREAM) or EventInbox.objects.exists():
        crowd.collected += events_collect()
    assert set(crowd.answers.values()) == {302}
    found = Counter(Event.objects.values_list("contact_id", flat=True))
    assert found == Counter(dict.fromkeys(crowd.answers, 1))
    assert Engagement.objects.aggregate(clicks=Sum("clicks"))["clicks"] == len(crowd.answers)
    if trouble is frozen:
        # Some came both ways: through the stream, late, and straight to Postgres.
        assert crowd.collected > len(crowd.answers)


def test_what_valkey_acknowledged_and_forgot_is_in_postgres(
    valkey: Server, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before it wrote what it had answered: here it forgets everything."""
    monkeypatch.setattr(appender, "LATELY_SECONDS", 60.0)

    async def go() -> Crowd:
        crowd = Crowd(variant)
        await asyncio.gather(*(crowd.click(contact) for contact in range(1, 201)))
        assert await asyncio.to_thread(shared().xlen, STREAM) > 0
        assert not await asyncio.to_thread(EventInbox.objects.exists)
        valkey.tell(signal.SIGKILL)
        await valkey.stop()
        shutil.rmtree(valkey.folder / "appendonlydir")
        await until(lambda: EventInbox.objects.count() == 200)
        await valkey.start()
        await asyncio.gather(*(crowd.click(contact) for contact in range(201, 301)))
        return crowd

    crowd = in_a_loop(go)
    while shared().xlen(STREAM) or EventInbox.objects.exists():
        events_collect()
    assert set(crowd.answers.values()) == {302}
    assert Counter(Event.objects.values_list("contact_id", flat=True)) == Counter(dict.fromkeys(range(1, 301), 1))


def test_a_long_inbox_is_worked_off_in_one_run(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "INBOX_CHUNK", 10)
    entries = [entry_new("click", variant.send_id, contact, link=1) for contact in range(1, 36)]
    EventInbox.objects.bulk_create([EventInbox(event_key=one.key, entry=entry_line(one)) for one in entries])
    assert events_collect() == 35
    assert Event.objects.count() == 35
