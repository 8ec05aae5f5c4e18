"""Channels as the values of a segment's rule."""

from collections.abc import Sequence

from core.rules.choices import from_rows
from core.rules.fields import Choice
from crm.channels.models import Channel


def channels(codes: Sequence[str] | None, query: str) -> Sequence[Choice]:
    return from_rows(Channel.objects.all(), "code", "name", codes, query)
