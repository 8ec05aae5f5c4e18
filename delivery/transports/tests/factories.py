"""Providers, for tests."""

from delivery.senders.models import SendingIdentity
from delivery.transports.models import Provider
from delivery.transports.services import identity_providers_set, provider_save


def through(identity: SendingIdentity | None, *urls: str) -> list[Provider]:
    """Have a sender use mail servers in this order."""
    assert identity is not None
    providers = []
    for url in urls:
        provider = Provider(name=f"Provider {Provider.objects.count() + 1}")
        provider.url = url
        providers.append(provider_save(provider=provider, actor=None))
    identity_providers_set(identity=identity, providers=providers, actor=None)
    return providers
