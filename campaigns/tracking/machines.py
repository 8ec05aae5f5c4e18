"""Telling programs from people by what a request says of itself. What it does later is judged by the collector."""

import re
from collections.abc import Mapping

SCANNERS = re.compile(
    r"bot\b|crawl|spider|scan|preview|safelinks|barracuda|mimecast|proofpoint|symantec|trendmicro|fireeye|headless"
    r"|curl|wget|python|httpx|aiohttp|go-http|java/|okhttp|libwww|node-fetch|axios",
    re.IGNORECASE,
)


def machine_reason(method: str, headers: Mapping[bytes, bytes]) -> str:
    """Why the request is not a person's, as a stable code; empty when nothing says so.

    `headers` have lower-case names, as ASGI gives them.
    """
    agent = headers.get(b"user-agent", b"").decode("latin-1")
    purpose = b" ".join(headers.get(name, b"") for name in (b"purpose", b"sec-purpose", b"x-purpose", b"x-moz")).lower()
    if method == "HEAD":
        return "head"
    if b"prefetch" in purpose or b"preview" in purpose:
        return "prefetch"
    if "GoogleImageProxy" in agent:
        return "google_proxy"
    if "YahooMailProxy" in agent:
        return "yahoo_proxy"
    if agent.strip() == "Mozilla/5.0":
        return "apple_privacy"
    if not agent.strip():
        return "no_agent"
    return "scanner" if SCANNERS.search(agent) else ""
