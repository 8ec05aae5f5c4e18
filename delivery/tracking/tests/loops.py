"""Running what stands ahead of Django in a test, as the web server's event loop does."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from django.db import connections

Answer = TypeVar("Answer")


class _Threads(ThreadPoolExecutor):
    """Threads that give their connection to Postgres back: those of a server keep it, and would outlive the tests'
    database here."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        def giving_back() -> Any:
            try:
                return work(*args, **named)
            finally:
                connections.close_all()

        return super().submit(giving_back)


def in_a_loop(work: Callable[[], Awaitable[Answer]]) -> Answer:
    """In a thread of its own: a browser test before may have left its loop running in this one."""

    async def run() -> Answer:
        with _Threads() as threads:
            asyncio.get_running_loop().set_default_executor(threads)
            return await work()

    with _Threads(1) as aside:
        answer: Answer = aside.submit(async_to_sync(run)).result()
    return answer
