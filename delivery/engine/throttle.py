"""Token buckets in Redis, shared by all workers: per identity, per send, per recipient domain.

Tokens are leased a tenth of a second's worth at a time. While Redis is away each worker keeps the pace by itself.
"""

from functools import cache
from time import monotonic
from typing import Any

import redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

LEASE_SECONDS = 0.1
TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, wanted = tonumber(ARGV[1]), tonumber(ARGV[2])
local room = math.max(wanted, rate * 0.2)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(room, (tonumber(bucket[1]) or wanted) + (now - (tonumber(bucket[2]) or now)) * rate)
local wait = 0
if tokens >= wanted then tokens = tokens - wanted else wait = (wanted - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], 60)
return tostring(wait)
"""


@cache
def shared() -> "redis.Redis":
    """This process's connection to Redis for the engine; answers within a second or fails."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


class Bucket:
    """At most `rate` messages a second under `name`, over all workers."""

    def __init__(self, name: str, rate: float) -> None:
        self.key, self.rate = f"cauce:rate:{name}", rate
        self.lease = max(1, int(rate * LEASE_SECONDS))
        self.left = 0
        self.open_at = 0.0

    def wait(self) -> float:
        """Seconds until a message may go; 0 when one may go now."""
        if self.left:
            return 0.0
        now = monotonic()
        if now < self.open_at:
            return self.open_at - now
        seconds = self._ask()
        if seconds > 0:
            self.open_at = now + seconds
            return seconds
        self.left = self.lease
        return 0.0

    def take(self) -> None:
        self.left -= 1

    def _ask(self) -> float:
        try:
            answer: Any = shared().eval(TAKE, 1, self.key, str(self.rate), str(self.lease))
            return float(answer)
        except redis.RedisError as error:
            log.warning("rate_kept_locally", bucket=self.key, error=str(error))
            alone, self.open_at = self.open_at, monotonic() + self.lease / self.rate
            return 0.0 if alone <= monotonic() else alone - monotonic()


class Throttle:
    """All the buckets a message must pass."""

    def __init__(self, buckets: dict[str, float | None], domains: dict[str, float]) -> None:
        self.buckets = [Bucket(name, rate) for name, rate in buckets.items() if rate]
        self.domains = {domain: Bucket(f"domain:{domain}", rate) for domain, rate in domains.items() if rate}

    def wait(self) -> float:
        """Seconds until any message may go."""
        if not self.buckets:
            return 0.0
        return max((bucket.wait() for bucket in self.buckets), default=0.0)

    def domain_wait(self, domain: str) -> float:
        return self.domains[domain].wait() if domain in self.domains else 0.0

    def take(self, address: str) -> None:
        for bucket in self.buckets:
            bucket.take()
        if self.domains and (domain := address.rpartition("@")[2]) in self.domains:
            self.domains[domain].take()
