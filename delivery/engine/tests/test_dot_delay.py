"""How long workers are careful with a mail server that broke off in a body, and that all of them hear of it."""

from collections.abc import Iterator
from secrets import token_hex

import pytest
import redis

from delivery.engine import dot_delay


@pytest.fixture
def server() -> Iterator[str]:
    dot_delay.windows.clear()
    yield f"{token_hex(4)}.example:25"
    dot_delay.windows.clear()


def length(server: str) -> float:
    window = dot_delay.windows[server]
    return window.until - window.since


def test_half_a_minute_after_a_first_break_ten_minutes_after_one_more(server: str) -> None:
    assert not dot_delay.is_active(server)
    dot_delay.record(server)
    dot_delay.record(server)
    assert dot_delay.is_active(server)
    assert round(length(server)) == 30, "connections that end together are one break"
    dot_delay.windows[server].since -= 3
    dot_delay.record(server)
    assert round(length(server)) == 603
    dot_delay.windows[server].until = dot_delay.windows[server].since
    dot_delay.record(server)
    assert round(length(server)) == 30, "it begins anew when the time has passed"


def test_every_worker_hears_of_it(server: str) -> None:
    dot_delay.record(server)
    dot_delay.windows.clear()
    assert dot_delay.is_active(server)
    assert 28 <= length(server) <= 30
    assert not dot_delay.is_active(f"other.{server}")


def test_without_redis_a_worker_knows_what_it_saw_itself(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    monkeypatch.setattr(dot_delay, "shared", lambda: away)
    assert not dot_delay.is_active(server)
    dot_delay.record(server)
    assert dot_delay.is_active(server)
