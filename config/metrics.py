"""`/metrics`: the figures of every app for Prometheus, behind the bearer token METRICS_TOKEN. Without one: 404."""

import os
from collections.abc import Callable, Iterable, Iterator
from hmac import compare_digest

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as MetricFamily
from prometheus_client.registry import Collector

from config.health import QUEUES, health
from core.metrics import Metric, MetricSource, metric_sources

log = structlog.get_logger(__name__)

PATH = "/metrics"


# --- What this layer knows itself --------------------------------------------------------------------------------
def part_metrics() -> Iterator[Metric]:
    """The same parts as at `/healthz`, and the room on the disk of the home."""
    yield Metric(
        "cauce_part_up",
        "1 while the part does its work, as /healthz says; 0 while it does not.",
        {(part,): float(state == "ok") for part, state in health().items()},
        labels=("part",),
    )
    room = os.statvfs(settings.HOME)
    yield Metric(
        "cauce_home_free_bytes", "Room left on the disk of CAUCE_HOME.", {(): float(room.f_bavail * room.f_frsize)}
    )


def queue_metrics() -> Iterator[Metric]:
    """Tasks that wait for a worker, and those a worker holds."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=2, socket_connect_timeout=2) as broker:
        waiting: dict[tuple[str, ...], float] = {(name,): broker.llen(f"{prefix}{name}") for name in QUEUES}
        held = broker.hlen(f"{prefix}unacked")
    yield Metric("cauce_queue_tasks", "Tasks that wait for a worker, by queue.", waiting, labels=("queue",))
    yield Metric("cauce_queue_tasks_held", "Tasks that a worker has taken and not finished.", {(): held})


metric_sources.register(MetricSource("parts", part_metrics))
metric_sources.register(MetricSource("queues", queue_metrics))


# --- The answer --------------------------------------------------------------------------------------------------
class Sources(Collector):
    """The registered sources as Prometheus' own library reads them. One that fails is 0 in `cauce_source_up`, and the
    others answer all the same: the database may be what is down."""

    def collect(self) -> Iterable[MetricFamily]:
        up: dict[tuple[str, ...], float] = {}
        for source in metric_sources:
            try:
                yield from [_family(metric) for metric in source.collect()]
            except (OSError, redis.RedisError, DatabaseError) as error:
                log.warning("metric_source_failed", source=source.code, error=str(error))
                up[(source.code,)] = 0.0
            else:
                up[(source.code,)] = 1.0
        yield _family(Metric("cauce_source_up", "1 where a source of figures answered.", up, labels=("source",)))


def _family(metric: Metric) -> MetricFamily:
    kind = CounterMetricFamily if metric.is_counter else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in metric.values.items():
        family.add_metric(labels, value)
    return family


def metrics_text() -> bytes:
    """All figures in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Sources())
    return generate_latest(registry)


class MetricsMiddleware:
    """Answers ahead of the middleware that redirects to https or refuses an unknown host: Prometheus asks the process
    itself, without the proxy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH or not settings.METRICS_TOKEN:
            return self.get_response(request)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
            response = HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)
        else:
            response = HttpResponse("Give METRICS_TOKEN as a bearer token.\n", content_type="text/plain", status=401)
            response["WWW-Authenticate"] = "Bearer"
        response["Cache-Control"] = "no-store"
        response._has_been_logged = True  # type: ignore[attr-defined]  # asked every few seconds
        return response
