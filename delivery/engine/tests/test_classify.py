"""What each answer of a mail server means, and when a message is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from delivery.engine.classify import classify
from delivery.transports.smtp import Answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=24)


def minutes_until_retry(attempts: int) -> float:
    result = classify(7, Answer(454, "4.7.0 later", "rcpt"), attempts=attempts, now=NOW, deadline=DEADLINE)
    assert (result.state, result.reason, result.code) == ("deferred", "deferred", 454)
    assert result.next_attempt_at
    return (result.next_attempt_at - NOW).total_seconds() / 60


def test_the_wait_triples_up_to_six_hours(settings: Settings) -> None:
    settings.SENDING_RETRY_SECONDS = 60
    assert [minutes_until_retry(attempts) for attempts in range(8)] == [1, 3, 9, 27, 81, 243, 360, 360]


@pytest.mark.parametrize("answer", [Answer(421, "busy", "rcpt"), Answer(0, "reset", "part")])
def test_it_is_given_up_when_the_next_attempt_would_come_after_the_deadline(answer: Answer, settings: Settings) -> None:
    settings.SENDING_RETRY_SECONDS = 60
    on_time = classify(7, answer, attempts=0, now=DEADLINE - timedelta(seconds=60), deadline=DEADLINE)
    too_late = classify(7, answer, attempts=0, now=DEADLINE - timedelta(seconds=59), deadline=DEADLINE)
    assert (on_time.state, too_late.state) == ("deferred", "failed")
    assert (too_late.reason, too_late.next_attempt_at) == ("gave_up", None)


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (Answer(250, "2.0.0 taken", "body"), "sent", ""),
        (Answer(250, "ok", "rcpt"), "deferred", "deferred"),
        (Answer(550, "no such user", "rcpt"), "failed", "hard_bounce"),
        (Answer(550, "5.1.1 no such user", "body"), "failed", "hard_bounce"),
        (Answer(550, "5.7.1 spam", "rcpt"), "failed", "refused"),
        (Answer(552, "5.2.2 full", "rcpt"), "failed", "refused"),
        (Answer(554, "spam", "body"), "failed", "refused"),
        (Answer(550, "no", "body"), "failed", "refused"),
        (Answer(451, "4.3.0 later", "body"), "deferred", "deferred"),
        (Answer(0, "no answer in time", "body"), "unknown", "no_reply"),
        (Answer(0, "reset", "part"), "deferred", "broken_off"),
        (Answer(0, "reset", "data"), "deferred", "broken_off"),
    ],
)
def test_each_answer_has_its_state(answer: Answer, state: str, reason: str) -> None:
    result = classify(7, answer, attempts=0, now=NOW, deadline=DEADLINE)
    assert (result.contact_id, result.state, result.reason) == (7, state, reason)
    assert result.code == (answer.code or None)
