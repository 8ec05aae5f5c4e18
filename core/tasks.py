"""Handing work to Celery: always by registered name, always after the transaction that made the work commits."""

from functools import partial

from celery import current_app
from django.db import transaction

JsonValue = str | int | float | bool | None


def enqueue(task_name: str, /, **kwargs: JsonValue) -> None:
    """Send the Celery task `task_name` with JSON keyword arguments (ids, never objects) after commit.

    Outside a transaction it is sent at once. Nothing is sent when the transaction rolls back.
    """
    transaction.on_commit(partial(_send, task_name, kwargs))


def _send(task_name: str, kwargs: dict[str, JsonValue]) -> None:
    current_app.send_task(task_name, kwargs=kwargs)
