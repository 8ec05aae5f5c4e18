"""The web server's entry: granian runs `config.asgi:application`."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from config.checks import refuse_unsafe_production

refuse_unsafe_production()

django = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=8)


async def pages(scope: Any, receive: Any, send: Any) -> None:
    # granian's `receive()` gives a future; a2wsgi hands what it gets to another thread, which takes coroutines only.
    async def receive_as_coroutine() -> Any:
        return await receive()

    await django(scope, receive_as_coroutine, send)


from delivery.tracking.app import Tracking  # noqa: E402 - needs the settings that Django has just read

application = Tracking(pages)

# What is loaded by now stays: looking through it again and again only makes answers wait.
gc.collect()
gc.freeze()
