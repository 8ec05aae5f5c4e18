"""Channels by code, and as choices of a list's filter."""

from crm.channels.models import Channel


def channel_by_code(code: str) -> Channel | None:
    """The active channel with this code (`search_ads`)."""
    return Channel.objects.active().filter(code=code).first()


def channel_choices() -> list[tuple[str, str]]:
    """Archived ones too: what came through them is still in the lists."""
    return [(channel.code, str(channel)) for channel in Channel.objects.all()]
