"""Paces: shared by all workers, per sender, per recipient domain, and kept by each alone while Redis is away."""

from time import monotonic, sleep
from uuid import uuid4

import pytest
from pytest_django import Settings

from delivery.engine.throttle import Throttle, shared


def through(throttles: list[Throttle], seconds: float, address: str = "a@example.com") -> int:
    """How many messages these workers send in this time, each as fast as it may."""
    count, until = 0, monotonic() + seconds
    while monotonic() < until:
        for one in throttles:
            if one.wait() <= 0 and one.domain_wait(address.rpartition("@")[2]) <= 0:
                one.take(address)
                count += 1
        sleep(0.001)
    return count


def test_workers_share_one_pace() -> None:
    name = f"identity:{uuid4()}"
    assert 90 <= through([Throttle({name: 100}, {}) for _worker in range(4)], 1.0) <= 150


def test_the_strictest_of_several_holds() -> None:
    assert through([Throttle({f"a:{uuid4()}": 1000, f"b:{uuid4()}": 50, "none": None}, {})], 1.0) <= 80


def test_a_recipients_domain_has_its_own_and_others_go_on() -> None:
    slow = f"{uuid4()}.example"
    throttle = Throttle({}, {slow: 20})
    assert through([throttle], 1.0, f"a@{slow}") <= 35
    while throttle.domain_wait(slow) <= 0:
        throttle.take(f"a@{slow}")
    assert throttle.domain_wait("other.example") == 0


def test_while_redis_is_away_each_worker_keeps_the_pace_alone(
    settings: Settings, request: pytest.FixtureRequest
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    shared.cache_clear()
    request.addfinalizer(shared.cache_clear)
    assert 70 <= through([Throttle({f"all:{uuid4()}": 100}, {})], 1.0) <= 130
