"""What the monitoring reads at `/metrics`: apps register sources, `config.metrics` answers with their figures."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.registry import Registry


@dataclass(frozen=True)
class Metric:
    """One figure. `name` follows Prometheus: `cauce_<thing>_<unit>`, `_total` at the end of a counter, which only ever
    grows. `values` has a number for each combination of the values of `labels`; () without labels."""

    name: str
    help: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()
    is_counter: bool = False


@dataclass(frozen=True)
class MetricSource:
    """`collect()` gives figures as of now, read from Postgres and Redis: any web process says the same. It is asked
    every few seconds and must be quick."""

    code: str
    collect: Callable[[], Iterable[Metric]]


metric_sources: Registry[MetricSource] = Registry("metric source")
