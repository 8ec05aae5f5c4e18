"""After a kill -9: recorded results stand, one message per connection is unknown, nobody is lost or mailed twice."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from delivery.engine.batch_writer import BatchWriter, ClaimedBatch
from delivery.engine.claims import Claim, batch_begin, batch_claim
from delivery.engine.compile import CompiledVariant
from delivery.engine.deliver import deliver
from delivery.engine.journal import Journal
from delivery.engine.ledger import Result
from delivery.engine.merge import Merger
from delivery.engine.recover import claims_recover
from delivery.engine.tests.test_deliver import people, run_until_quiet, sending, states
from delivery.sends.models import Batch, Delivery, Send
from delivery.transports.smtp import Server
from delivery.transports.tests.sink import Sink, SinkThread
from tests.fixtures.database import database_url
from tests.fixtures.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = (
    "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
    "import django; django.setup()\n"
    "from delivery.engine.deliver import deliver\n"
    "while deliver(send_id={send}, seconds=30): pass\n"
)


@pytest.fixture
def sink(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    settings.HOME = tmp_path_factory.mktemp("home")
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def worker(send_id: int, sink: Sink, home: Path | None = None) -> "subprocess.Popen[bytes]":
    home = home or Path(django_settings.HOME)
    addresses = {"DATABASE_URL": database_url(), "EMAIL_URL": sink.url, "CAUCE_HOME": str(home)}
    root = Path(__file__).resolve().parents[3]
    return subprocess.Popen([sys.executable, "-c", WORKER.format(send=send_id)], env=os.environ | addresses, cwd=root)


def test_kill_nine_in_mid_send_is_exact(sink: Sink) -> None:
    send = sending(*people(1500))
    kills = 3
    for kill in range(1, kills + 1):
        process = worker(send.pk, sink)
        wait_until(lambda goal=kill * 350: len(sink.taken) >= goal, seconds=60, what="mail")  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.wait()
        claims_recover()
    wait_until(lambda: not claims_recover() and not Batch.objects.claimed().exists(), seconds=30, what="no claim")
    run_until_quiet(send)
    arrived = [recipient for _, recipient in sink.taken]
    found = states(send)
    assert len(arrived) == len(set(arrived))
    assert found.get("unknown", 0) <= kills * 2
    assert found["sent"] + found.get("unknown", 0) == 1500
    sent = set(Delivery.objects.filter(send_id=send.pk, state="sent").values_list("address", flat=True))
    assert sent <= set(arrived)
    assert send.state == "finished"


def test_two_workers_with_separate_homes_are_exact_though_one_is_killed(
    sink: Sink, tmp_path: Path, settings: Settings
) -> None:
    """As on two hosts: one Postgres, one Valkey, a home each. The journal of the killed one is found by the next worker
    on its home; until then no other worker touches what it had claimed."""
    settings.SENDING_LOST_SECONDS = 3600
    send = sending(*people(3000), per_second=400)
    homes = [tmp_path / "one", tmp_path / "two"]
    first, second = (worker(send.pk, sink, home) for home in homes)

    def both_at_work() -> bool:
        return Batch.objects.claimed().filter(send=send).values("host").distinct().order_by().count() == 2

    wait_until(both_at_work, seconds=60, what="a claim of each home")
    first.kill()
    Send.objects.filter(pk=send.pk).update(per_second=None)
    first.wait()
    assert second.wait(timeout=120) == 0
    claims_recover()
    held = Batch.objects.claimed().filter(send=send)
    assert set(held.values_list("host", flat=True)) <= {(homes[0] / "journal" / "host").read_text().strip()}
    assert worker(send.pk, sink, homes[0]).wait(timeout=120) == 0
    assert not held.all().exists()
    run_until_quiet(send)
    arrived = [recipient for _, recipient in sink.taken]
    found = states(send)
    assert len(arrived) == len(set(arrived))
    assert found.get("unknown", 0) <= Server.of(sink.url).connections
    assert found["sent"] + found.get("unknown", 0) == 3000
    sent = set(Delivery.objects.filter(send_id=send.pk, state="sent").values_list("address", flat=True))
    assert sent <= set(arrived)
    assert send.state == "finished"


def test_a_journal_is_replayed_once_its_owner_is_gone(sink: Sink) -> None:
    send = sending(*people(40))
    journal = Journal()
    claim = batch_claim(send_id=send.pk, owner=journal.owner)
    assert claim
    rows = list(Delivery.objects.filter(send_id=send.pk, batch=claim.key.batch).order_by("contact_id"))
    journal.begin(claim.key, rows[0].contact_id)
    journal.result(claim.key, Result(rows[0].contact_id, "sent", "", 250, "taken"))
    journal.begin(claim.key, rows[1].contact_id)
    journal.flush()
    os.write(journal.file, b"B\t12")
    assert claims_recover() == 0
    journal.abandon()
    assert claims_recover() == 1
    assert claims_recover() == 0
    found = states(send)
    assert (found["sent"], found["unknown"], found["pending"]) == (1, 1, 38)
    batch = Batch.objects.get(send=send, number=claim.key.batch)
    assert (batch.state, batch.sent, batch.unknown, batch.owner) == ("ready", 1, 1, "")


def test_a_claim_committed_after_its_owner_died_goes_on_waiting(sink: Sink) -> None:
    """The worker was killed while its claim was on the way to the database, and recovery came first."""
    send = sending(*people(40))
    journal = Journal()
    journal.abandon()
    claims_recover()
    assert batch_claim(send_id=send.pk, owner=journal.owner)
    assert claims_recover() == 1
    assert (states(send), Batch.objects.claimed().count()) == ({"pending": 40}, 0)
    run_until_quiet(send)
    assert (states(send), send.state) == ({"sent": 40}, "finished")


def test_claims_of_a_lost_host_become_unknown_and_the_send_says_so(sink: Sink, settings: Settings) -> None:
    send = sending(*people(10))
    claim = batch_claim(send_id=send.pk, owner="elsewhere-1")
    assert claim
    held = Batch.objects.filter(send=send, number=claim.key.batch)
    held.update(host="elsewhere")
    assert claims_recover() == 0
    held.update(heartbeat_at=timezone.now() - timedelta(days=40_000))
    settings.SENDING_LOST_SECONDS = 39_000 * 86400
    assert claims_recover() == 0, "the database has not been there for long enough to be shown a sign of life"
    settings.SENDING_LOST_SECONDS = 1
    assert claims_recover() == 1
    send.refresh_from_db()
    batch = held.get()
    assert (batch.state, batch.unknown) == ("done", batch.size)
    assert str(batch.size) in send.state_reason


def test_of_a_lost_host_only_what_had_begun_is_unknown(sink: Sink, settings: Settings) -> None:
    """One batch on the wire, the next one fetched ahead: that one goes back to the queue, and everybody in it is
    written to."""
    send = sending(*people(1000))
    began = batch_claim(send_id=send.pk, owner="elsewhere-1")
    ahead = batch_claim(send_id=send.pk, owner="elsewhere-2", begun=False)
    assert began
    assert ahead
    Batch.objects.claimed().update(host="elsewhere", heartbeat_at=timezone.now() - timedelta(days=40_000))
    settings.SENDING_LOST_SECONDS = 1
    assert claims_recover() == 2
    assert not batch_begin(ahead), "its owner comes back and may not begin"
    size = Batch.objects.get(send=send, number=began.key.batch).size
    assert states(send) == {"unknown": size, "pending": 1000 - size}
    run_until_quiet(send)
    assert states(send) == {"unknown": size, "sent": 1000 - size}
    assert len(sink.taken) == 1000 - size


def test_nothing_leaves_of_a_batch_that_has_not_begun(sink: Sink, settings: Settings) -> None:
    """The claim of the batch fetched ahead was given to others while we were away: they send it, we do not."""
    taken: list[int] = []

    def given_away(claim: Claim) -> bool:
        Batch.objects.filter(send_id=claim.key.send_id, number=claim.key.batch).update(owner="others")
        taken.append(claim.key.batch)
        return batch_begin(claim)

    send = sending(*people(1200))
    with patch("delivery.engine.batch_writer.batch_begin", given_away):
        assert deliver(send_id=send.pk, seconds=20)
    assert taken
    held = Batch.objects.claimed().filter(send=send)
    assert set(held.values_list("owner", flat=True)) == {"others"}, "and their claim stays theirs"
    sizes = sum(held.filter(number__in=taken).values_list("size", flat=True))
    assert states(send).get("pending", 0) >= sizes
    assert not set(recipients_of(send, taken)) & {recipient for _, recipient in sink.taken}


def recipients_of(send: Send, batches: list[int]) -> list[str]:
    return list(Delivery.objects.filter(send_id=send.pk, batch__in=batches).values_list("address", flat=True))


def test_late_results_leave_a_claim_of_others_alone(sink: Sink) -> None:
    """A worker that was given up writes what it still learned; by then another worker may have claimed the batch."""
    send = sending(*people(40))
    journal = Journal()
    claim = batch_claim(send_id=send.pk, owner=journal.owner)
    assert claim
    batch = Batch.objects.filter(send=send, number=claim.key.batch)
    batch.update(owner="others")
    contact = Delivery.objects.filter(send_id=send.pk, batch=claim.key.batch).values_list("contact_id", flat=True)[0]
    writer = BatchWriter(send)
    claimed = ClaimedBatch(
        claim, journal, Merger(CompiledVariant.load(bytes(send.variants.all()[0].compiled or b""))), deque()
    )
    claimed.results.append(Result(contact, "sent", "", 250, "taken"))
    writer._commit(claimed)
    journal.close()
    assert states(send) == {"sent": 1, "pending": 39}
    assert batch.values_list("state", "owner").get() == ("claimed", "others")


def test_a_worker_closes_out_its_home_before_it_sends(sink: Sink) -> None:
    send = sending(*people(10))
    journal = Journal()
    claim = batch_claim(send_id=send.pk, owner=journal.owner)
    assert claim
    journal.begin(claim.key, Delivery.objects.filter(send_id=send.pk, batch=claim.key.batch)[0].contact_id)
    journal.abandon()
    run_until_quiet(send)
    assert states(send) == {"sent": 9, "unknown": 1}


def test_a_claim_whose_journal_vanished_from_this_home_is_unknown_at_once(sink: Sink) -> None:
    send = sending(*people(10))
    journal = Journal()
    assert batch_claim(send_id=send.pk, owner=journal.owner)
    journal.close()
    assert claims_recover() == 1
    assert states(send)["unknown"] > 0
