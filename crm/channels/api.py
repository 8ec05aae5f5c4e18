"""Channels in requests to the API."""

from typing import Any

from rest_framework import serializers

from crm.channels.models import Channel


class ChannelField(serializers.SlugRelatedField[Channel]):
    """A channel by its code, among those in use."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=Channel.objects.active(), **kwargs)
