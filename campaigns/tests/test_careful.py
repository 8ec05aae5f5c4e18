"""How long workers are careful with a mail server that broke off in a body, and that all of them hear of it."""

from collections.abc import Iterator
from secrets import token_hex

import pytest
import redis

from campaigns.engine import careful


@pytest.fixture
def server() -> Iterator[str]:
    careful.spells.clear()
    yield f"{token_hex(4)}.example:25"
    careful.spells.clear()


def length(server: str) -> float:
    spell = careful.spells[server]
    return spell.until - spell.since


def test_half_a_minute_after_a_first_break_ten_minutes_after_one_more(server: str) -> None:
    assert not careful.is_needed(server)
    careful.note(server)
    careful.note(server)
    assert careful.is_needed(server)
    assert round(length(server)) == 30, "connections that end together are one break"
    careful.spells[server].since -= 3
    careful.note(server)
    assert round(length(server)) == 603
    careful.spells[server].until = careful.spells[server].since
    careful.note(server)
    assert round(length(server)) == 30, "it begins anew when the time has passed"


def test_every_worker_hears_of_it(server: str) -> None:
    careful.note(server)
    careful.spells.clear()
    assert careful.is_needed(server)
    assert 28 <= length(server) <= 30
    assert not careful.is_needed(f"other.{server}")


def test_without_redis_a_worker_knows_what_it_saw_itself(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    monkeypatch.setattr(careful, "shared", lambda: away)
    assert not careful.is_needed(server)
    careful.note(server)
    assert careful.is_needed(server)
