"""Which provider carries a send now, and its circuit breaker: who does not take our mail is passed over for a while.

Only whole answers move: who was deferred, or certainly not taken, may go by another provider under the same Message-ID;
a recipient that is unknown at one provider never goes by another (unknown is final in the ledger).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError, TransportError
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Send
from delivery.transports.models import Provider, ProviderUse
from delivery.transports.provider_api.transport import ApiServer
from delivery.transports.smtp import Server

AWAY = timedelta(seconds=60)
REFUSED = timedelta(minutes=15)


@dataclass(frozen=True)
class Route:
    """The way a run's messages go; `use` is None for the installation's own mail server."""

    server: Server | ApiServer
    use: ProviderUse | None = None

    @property
    def provider_id(self) -> int | None:
        return self.use.provider_id if self.use else None

    @property
    def buckets(self) -> dict[str, float | None]:
        return {f"provider:{self.use.provider_id}": self.use.provider.per_second} if self.use else {}


def route_of(identity: SendingIdentity) -> Route:
    """The first provider whose breaker is closed; while all are open, the one that closes first is tried.

    Raises TransportError when its address cannot be read, or every provider is paused.
    """
    uses = list(ProviderUse.objects.usable().filter(identity=identity))
    if not uses:
        return Route(Server.of(settings.EMAIL_URL))
    running = [one for one in uses if one.provider.paused_at is None]
    if not running:
        raise TransportError(_("Every provider of this sender is paused."), permanent=False)
    use = next((one for one in running if one.is_ready), None) or min(running, key=lambda one: str(one.broken_until))
    try:
        return Route(server_of(use.provider.url), use)
    except DomainError as error:
        raise TransportError(f"{use.provider}: {error.message}", permanent=True) from error


def server_of(url: str) -> Server | ApiServer:
    """A mail server or a provider's API. Raises TransportError when the address is neither."""
    return ApiServer.of(url) if ApiServer.speaks(url) else Server.of(url)


def breaker_open(send: Send, route: Route, error: TransportError) -> bool:
    """Pass over a provider that does not take our mail. True when another one goes on at once."""
    if route.use is None:
        return False
    now = timezone.now()
    rest = REFUSED if error.permanent else timedelta(seconds=error.wait) or AWAY
    ProviderUse.objects.filter(pk=route.use.pk).update(
        broken_until=now + rest, broken_at=now, broken_reason=str(error)[:300]
    )
    Provider.objects.filter(pk=route.use.provider_id).update(last_error=str(error)[:300], last_error_at=now)
    uses = ProviderUse.objects.usable().filter(identity=route.use.identity_id)
    following = next((one for one in uses if one.is_ready), None)
    if following is None:
        return False
    words = _("%(provider)s does not accept messages (%(error)s). Messages are sent through %(other)s.") % {
        "provider": route.use.provider, "error": str(error)[:150], "other": following.provider,
    }  # fmt: skip
    Send.objects.filter(pk=send.pk, state=Send.State.SENDING).update(state_reason=words[:300], failing_since=None)
    return True


def breaker_close(route: Route) -> None:
    """It takes messages again."""
    if route.use is not None and route.use.broken_until is not None:
        ProviderUse.objects.filter(pk=route.use.pk).update(broken_until=None, broken_at=None, broken_reason="")
        route.use.broken_until = None
