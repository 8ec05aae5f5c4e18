"""How often one visitor may send something."""

from django.core.cache import cache
from django.http import HttpRequest

LIMIT, SECONDS = 30, 600


def within_rate_limit(request: HttpRequest, what: str) -> bool:
    """At most 30 requests in ten minutes from one address; X-Forwarded-For is not believed."""
    key = f"capture:{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) <= LIMIT
    except ValueError:
        return True
