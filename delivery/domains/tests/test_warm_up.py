"""Warming a domain up: a day's allowance holds over all workers, the rest of a send waits visibly."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.people.models import User
from delivery.domains.daily_allowance import Allowance, next_opening, sending_day, today_of
from delivery.domains.models import WarmUp, WarmUpDay
from delivery.domains.services.signing import domain_ensure
from delivery.domains.services.warm_up import warmup_outlook, warmup_save
from delivery.engine.deliver import deliver
from delivery.engine.tests.test_deliver import people, sending, states
from delivery.sends.models import Batch, Send
from delivery.sends.services import send_finish
from delivery.transports.tests.sink import Sink, SinkThread


@pytest.fixture
def mail(settings: Settings, tmp_path: Path) -> Iterator[Sink]:
    settings.HOME = tmp_path
    with SinkThread(Sink()) as sink:
        settings.EMAIL_URL = sink.url
        yield sink


def warming(**fields: object) -> WarmUp:
    values = {"first": 20, "growth": Decimal(2), "goal": 1000, "opens_at": 8, **fields}
    return WarmUp.objects.create(domain=domain_ensure(address="news@shop.example"), **values)


def run(send: Send) -> None:
    while deliver(send_id=send.pk):
        pass


def yesterday(warm_up: WarmUp) -> None:
    """A day goes by."""
    for day in WarmUpDay.objects.filter(domain=warm_up.domain).order_by("day"):
        WarmUpDay.objects.filter(pk=day.pk).update(day=day.day - timedelta(days=1))
    Batch.objects.filter(state="ready").update(due_at=timezone.now())


def test_the_curve_grows_to_its_goal() -> None:
    warm_up = WarmUp(first=200, growth=Decimal("1.5"), goal=2000)
    assert warm_up.curve() == [200, 300, 450, 675, 1012, 1518]
    assert (warm_up.allowance(6), warm_up.allowance(7)) == (1518, None)
    assert WarmUp(first=200, growth=Decimal("1.05"), goal=10**9).curve()[-1] > 200
    assert WarmUp(first=200, growth=Decimal(10), goal=200).curve() == [200]


@pytest.mark.django_db
def test_a_day_begins_at_its_hour_in_the_companys_zone() -> None:
    warm_up = WarmUp(opens_at=8)
    before, after = datetime(2026, 11, 23, 7, 59, tzinfo=UTC), datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert sending_day(warm_up, before) == date(2026, 11, 22)
    assert sending_day(warm_up, after) == date(2026, 11, 23)
    assert next_opening(warm_up, before) == after
    assert next_opening(warm_up, after) == after + timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_the_rest_waits_for_the_next_day_and_everybody_gets_it_once(mail: Sink) -> None:
    warm_up = warming()
    send = sending(*people(70))
    run(send)
    assert (len(mail.taken), states(send)) == (20, {"sent": 20, "pending": 50})
    assert not Batch.objects.claimable().filter(send=send).exists()
    waiting = Batch.objects.filter(send=send, state="ready")
    assert set(waiting.values_list("due_at", flat=True)) == {next_opening(warm_up)}
    outlook = warmup_outlook(send.identity, 50)
    assert outlook
    assert (outlook.room, outlook.days, outlook.left) == (0, 2, 50)
    assert send_finish(send_id=send.pk) is False
    yesterday(warm_up)
    run(send)
    assert len(mail.taken) == 60
    day = today_of(warm_up)
    assert day
    assert (day.number, day.allowed, day.taken) == (2, 40, 40)
    yesterday(warm_up)
    run(send)
    assert sorted(recipient for _, recipient in mail.taken) == sorted(people(70))
    assert send_finish(send_id=send.pk) is True
    last = today_of(warm_up)
    assert last
    assert (last.number, last.taken) == (3, 10)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_portion(mail: Sink) -> None:
    warm_up = warming(first=100)
    today_of(warm_up)
    taken: list[int] = []

    def worker() -> None:
        try:
            taken.extend(Allowance(warm_up).take(7)[0] for _turn in range(20))
        finally:
            connection.close()

    threads = [Thread(target=worker) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == WarmUpDay.objects.get().taken == 100


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_and_not_sent_is_given_back(settings: Settings, mail: Sink) -> None:
    warming()
    send = sending(*people(10))
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    deliver(send_id=send.pk)
    assert WarmUpDay.objects.get().taken == 0


@pytest.mark.django_db(transaction=True)
def test_a_day_without_sending_does_not_count_and_a_warm_domain_has_no_limit(mail: Sink) -> None:
    warm_up = warming()
    assert today_of(warm_up)
    yesterday(warm_up)
    day = today_of(warm_up)
    assert day
    assert day.number == 1
    WarmUp.objects.update(first=20, goal=20)
    WarmUpDay.objects.update(taken=1)
    yesterday(warm_up)
    send = sending(*people(30))
    run(send)
    assert len(mail.taken) == 30
    assert warmup_outlook(send.identity, 30) is None


@pytest.mark.django_db(transaction=True)
def test_a_changed_curve_holds_at_once(mail: Sink, director: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda self, name, **options: None)
    warm_up = warming()
    send = sending(*people(50))
    run(send)
    assert len(mail.taken) == 20
    warm_up.first = 45
    warmup_save(warm_up=warm_up, actor=director)
    run(send)
    assert len(mail.taken) == 45
    warm_up.is_on = False
    warmup_save(warm_up=warm_up, actor=director)
    run(send)
    assert sorted(recipient for _, recipient in mail.taken) == sorted(people(50))


@pytest.mark.django_db
def test_the_director_sets_the_curve_on_the_domains_page(director: User, signed_in) -> None:
    domain = domain_ensure(address="news@shop.example")
    client = signed_in(director)
    url = f"/email/deliverability/{domain.pk}/warm-up/"
    body = {"is_on": "on", "first": "100", "growth": "2", "goal": "1000", "opens_at": "8"}
    assert client.post(url, body).status_code == 302
    assert WarmUp.objects.get().curve() == [100, 200, 400, 800]
    page = client.get(f"/email/deliverability/{domain.pk}/").content.decode()
    assert "Day 1: 0 of 100 sent" in page
    client.post(url, {**body, "goal": "50"})
    assert WarmUp.objects.get().goal == 1000
