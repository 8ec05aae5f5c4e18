"""Telling programs from people by what a request says of itself. What it does later is judged by the collector.

The reason is kept with each event. `REASONS` has the words for all of them, also those the collector finds.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.tracking.entries import agent_clean

SCANNERS = re.compile(
    r"bot\b|crawl|spider|scan|safelinks|barracuda|mimecast|proofpoint|symantec|messagelabs|trendmicro|trend micro"
    r"|fireeye|zscaler|sophos|cloudmark|forcepoint|hornetsecurity|vadesecure|checkpoint|microsoft office|headless"
    r"|phantomjs|curl|wget|python|httpx|aiohttp|go-http|java/|okhttp|libwww|node-fetch|axios|ruby|httpclient"
    r"|amazon cloudfront",
    re.IGNORECASE,
)
PREVIEWS = re.compile(
    r"preview|slackbot|whatsapp/|telegrambot|discordbot|twitterbot|linkedinbot|facebookexternalhit|skypeuri"
    r"|appengine-google",
    re.IGNORECASE,
)
PURPOSES = (b"sec-purpose", b"purpose", b"x-purpose", b"x-moz")
REASONS: dict[str, str | Promise] = {
    "head": _("Request without opening the page (HEAD)"),
    "prefetch": _("Prefetched by a browser"),
    "google_proxy": _("Google's image proxy"),
    "yahoo_proxy": _("Yahoo's image proxy"),
    "apple_privacy": _("Apple Mail Privacy Protection"),
    "no_agent": _("An unidentified program"),
    "preview": _("A preview in a chat or search"),
    "scanner": _("A security scanner or robot"),
    "network": _("From an e-mail filter's network"),
    "too_soon": _("Within a second of delivery"),
    "burst": _("All links at once"),
}


def machine_reason(method: str, headers: Mapping[bytes, bytes], address: str = "") -> str:
    """Why the request is not a person's, as a stable code; empty when nothing says so.

    `headers` have lower-case names, as ASGI gives them; `address` is the address it came from.
    """
    if method == "HEAD":
        return "head"
    for name in PURPOSES:
        if name in headers:
            purpose = headers[name].lower()
            if b"prefetch" in purpose or b"preview" in purpose:
                return "prefetch"
    return agent_read(headers.get(b"user-agent", b""))[1] or ("network" if address and is_filter(address) else "")


@cache
def crawlers() -> re.Pattern[str]:
    """The published list of crawlers (crawler-user-agents) as one expression. Made once, when the web process starts:
    the library's own search takes as long for each request as this does for each new user agent."""
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    return re.compile("|".join(crawler["pattern"] for crawler in CRAWLER_USER_AGENTS_DATA))


@lru_cache(maxsize=4096)
def agent_read(said: bytes) -> tuple[str, str]:
    """What a user agent says, cut to what is stored, and why that is no person."""
    agent = said.decode("latin-1").replace("\0", "").strip()
    if not agent:
        reason = "no_agent"
    elif "GoogleImageProxy" in agent:
        reason = "google_proxy"
    elif "YahooMailProxy" in agent:
        reason = "yahoo_proxy"
    elif agent == "Mozilla/5.0":
        reason = "apple_privacy"
    elif PREVIEWS.search(agent):
        reason = "preview"
    else:
        reason = "scanner" if SCANNERS.search(agent) or crawlers().search(agent) else ""
    return agent_clean(agent), reason


@lru_cache(maxsize=4096)
def is_filter(address: str) -> bool:
    """Whether an address belongs to the networks mail filters follow links from."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in ip_network(network) for network in settings.TRACKING_MACHINE_NETWORKS)


def address_of(peer: str, headers: Mapping[bytes, bytes]) -> str:
    """Where a request came from: what the nearest of our own proxies says when some stand in front, else the peer.

    A client may write anything into X-Forwarded-For; only the entries our own proxies added are believed.
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if not proxies:
        return peer
    hops = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
    return (hops[-proxies].strip() if len(hops) >= proxies else "") or peer
