"""The state machine of sends: what may follow what, that each change is recorded, and that nothing else changes a
state."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from core.errors import Conflict
from delivery.sends.models import Send
from delivery.sends.services import send_pause, send_refuse, send_stop
from delivery.sends.states import BEGIN, FROZEN, NOT_FROZEN, SCHEDULE, STOP, TRANSITIONS, Transition, send_transition
from delivery.sends.tests.factories import SendFactory, put

ROOT = Path(__file__).resolve().parents[3]
APPS = ("accounts", "crm", "marketing", "delivery", "campaigns", "analytics", "config", "tools")
STATE_WRITTEN = re.compile(r"update\s+delivery_send\b[^;]*?\bset\b[^;]*?\bstate\s*=", re.IGNORECASE | re.DOTALL)


def a_send(state: Send.State, transition: Transition) -> Send:
    """A send in `state` that meets the transition's condition."""
    return SendFactory.create(state=state, audience=3 if transition.condition == FROZEN else None)


@pytest.mark.django_db
@pytest.mark.parametrize("transition", TRANSITIONS, ids=lambda transition: transition.action)
def test_a_transition_is_made_from_its_states_only(transition: Transition, director: User) -> None:
    for state in Send.State:
        send = a_send(state, transition)
        may = state in transition.sources
        assert send_transition(send=send, transition=transition, actor=director) is may
        assert send.state == (transition.target if may else state)
        assert send.state == Send.objects.get(pk=send.pk).state
        entries = AuditEntry.objects.filter(object_type="delivery.send", object_id=str(send.pk))
        recorded = [(entry.action, entry.actor, entry.changes["state"]) for entry in entries]
        assert recorded == ([(transition.action, director, [state.value, transition.target.value])] if may else [])


@pytest.mark.django_db
@pytest.mark.parametrize("transition", [one for one in TRANSITIONS if one.condition in (FROZEN, NOT_FROZEN)])
def test_a_frozen_audience_decides_too(transition: Transition) -> None:
    audience = None if transition.condition == FROZEN else 3
    send = SendFactory.create(state=sorted(transition.sources)[0], audience=audience)
    assert not send_transition(send=send, transition=transition, actor=None)
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_transition_writes_its_columns_and_its_reason(director: User) -> None:
    send, at = SendFactory.create(), timezone.now()
    assert send_transition(
        send=send, transition=SCHEDULE, actor=director, reason="x" * 400, scheduled_at=at, launched_by=director
    )
    assert (send.scheduled_at, send.launched_by, send.state_reason) == (at, director, "x" * 300)
    assert set(AuditEntry.objects.get().changes) == {"state", "scheduled_at", "state_reason"}


@pytest.mark.django_db
def test_what_another_writer_changed_meanwhile_is_recorded_as_it_was(director: User) -> None:
    send = SendFactory.create(state=Send.State.SENDING)
    put(Send.objects.get(pk=send.pk), Send.State.SCHEDULED)
    assert send_transition(send=send, transition=STOP, actor=None)
    assert AuditEntry.objects.get().changes["state"] == ["scheduled", "stopped"]
    with pytest.raises(Conflict) as refused:
        send_pause(send=send, actor=director)
    assert refused.value.code == "send_not_running"


@pytest.mark.django_db
def test_the_circuit_breaker_is_recorded_as_the_systems() -> None:
    send = SendFactory.create(state=Send.State.SENDING)
    assert send_stop(send_id=send.pk, reason="The mail server refused the sender.")
    assert not send_stop(send_id=send.pk, reason="Again")
    assert not send_stop(send_id=send.pk + 1, reason="No such send")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.actor_label) == ("send_stop", None, "")
    assert entry.changes == {
        "state": ["sending", "stopped"], "state_reason": [None, "The mail server refused the sender."],
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "state", "action"),
    [(Send.Kind.CAMPAIGN, Send.State.HELD, "send_refuse"), (Send.Kind.LETTER, Send.State.DRAFT, "send_return")],
)
def test_the_author_says_where_a_refused_send_goes(kind: Send.Kind, state: Send.State, action: str) -> None:
    send = SendFactory.create(kind=kind, state=Send.State.FREEZING, launched_at=timezone.now())
    assert send_refuse(send_id=send.pk, reason="No signing key.")
    send.refresh_from_db()
    assert (send.state, send.state_reason) == (state, "No signing key.")
    assert (send.launched_at is None) is (state == Send.State.DRAFT)
    assert AuditEntry.objects.get().action == action
    assert not send_refuse(send_id=send.pk, reason="Again")


def test_every_state_but_draft_is_reached_and_every_live_one_is_left() -> None:
    assert {one.target for one in TRANSITIONS} == set(Send.State)
    assert set(Send.State) - {state for one in TRANSITIONS for state in one.sources} == {Send.State.CANCELLED}
    assert len({one.action for one in TRANSITIONS}) == len(TRANSITIONS)
    assert BEGIN.target == Send.State.SENDING


# --- Nothing else changes a state ---------------------------------------------------------------------------------


def _named(node: ast.AST) -> str:
    return ast.unparse(node)


def state_changes(source: str) -> Iterator[int]:
    """The lines that write a send's state: `.update(state=…)` on sends, `send.state = …`, an UPDATE of the table."""
    tree = ast.parse(source)
    sends = {"Send.State"} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _named(node.value) == "Send.State"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
            values = [_named(keyword.value) for keyword in node.keywords if keyword.arg in ("state", "defaults")]
            of_sends = _named(node.func.value).startswith("Send.objects")
            if any(of_sends or any(f"{name}." in value for name in sends) for value in values):
                yield node.lineno
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == "state":
                    owner = _named(target.value)
                    if owner.rpartition(".")[2] == "send" or any(f"{name}." in _named(node.value) for name in sends):
                        yield node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and STATE_WRITTEN.search(node.value):
            yield node.lineno


WRITERS = {"update", "create", "get_or_create", "update_or_create", "bulk_update"}


def test_nothing_else_changes_a_state() -> None:
    found = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "tests" not in parts and "migrations" not in parts and (lines := [*state_changes(path.read_text())]):
                found["/".join(parts)] = lines
    assert set(found) <= {"delivery/sends/states.py"}, found


@pytest.mark.parametrize(
    "line",
    [
        "Send.objects.filter(pk=1).update(state=wanted)",
        "running.update(state=Send.State.PAUSED, seen=None)",
        "State = Send.State\nrows.update(state=State.PAUSED)",
        "campaign.send.state = Send.State.DRAFT",
        "send.state = 'draft'",
        "cursor.execute('UPDATE delivery_send SET audience = 3, state = %s WHERE id = 1')",
    ],
)
def test_a_change_elsewhere_is_found(line: str) -> None:
    assert [*state_changes(line)]


@pytest.mark.parametrize(
    "line",
    [
        "Batch.objects.filter(send=send).update(state=Batch.State.READY)",
        "Send.objects.filter(state=Send.State.SENDING).update(state_reason='')",
        "cursor.execute('UPDATE delivery_batch SET state = %s')",
        "job.state = Job.State.DONE",
    ],
)
def test_other_changes_are_left_alone(line: str) -> None:
    assert not [*state_changes(line)]
