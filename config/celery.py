"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import logging.config
import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery, signals
from celery.beat import PersistentScheduler
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("cauce")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

APPS = ("core", "accounts", "crm", "marketing", "delivery", "campaigns", "analytics")


def beat_schedule() -> dict[str, Any]:
    """What runs by the clock: the `BEAT` of every app's `registrations`. Raises ValueError when two share a name."""
    schedule: dict[str, Any] = {}
    for name in APPS:
        if find_spec(f"{name}.registrations") is None:
            continue
        entries = getattr(import_module(f"{name}.registrations"), "BEAT", {})
        if taken := schedule.keys() & entries.keys():
            raise ValueError(f"{name}.registrations.BEAT repeats {', '.join(sorted(taken))}")
        schedule |= entries
    return schedule


class Scheduler(PersistentScheduler):
    """Celery's own, with the apps' schedule and a heartbeat for `/healthz`."""

    max_interval = 5

    def setup_schedule(self) -> None:
        import django

        django.setup()
        self.app.conf.beat_schedule = beat_schedule()
        super().setup_schedule()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        from config.heartbeats import beat_is_alive

        beat_is_alive()
        return min(float(super().tick(*args, **kwargs)), float(self.max_interval))


@signals.celeryd_init.connect
@signals.beat_init.connect
def on_process_start(**_: object) -> None:
    """Refuse unsafe settings, then listen for heartbeats."""
    from config.checks import refuse_unsafe_production

    refuse_unsafe_production()
    import_module("config.heartbeats")


@signals.setup_logging.connect
def configure_logging(**_: object) -> None:
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
