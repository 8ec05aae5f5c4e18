"""Providers with their state, for other programs. No route tells a secret."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import refuse_unless
from accounts.tokens.authentication import ApiRequest
from core.api.pagination import KeysetPagination
from delivery.access import may_read, may_set_limits
from delivery.transports.models import Provider
from delivery.transports.provider_api.transport import KINDS
from delivery.transports.services import provider_pause


class UseOut(serializers.Serializer[Any]):
    sender = serializers.CharField(source="identity.from_address")
    position = serializers.IntegerField(help_text="1 is tried first.")
    passed_over_until = serializers.SerializerMethodField(
        help_text="Until then the next one carries its messages; null while it takes them."
    )
    reason = serializers.SerializerMethodField(help_text="Why the provider is skipped.")

    def get_passed_over_until(self, use: Any) -> str | None:
        return use.broken_until.isoformat() if use.is_broken else None

    def get_reason(self, use: Any) -> str:
        return use.broken_reason if use.is_broken else ""


class ProviderOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    kind = serializers.SerializerMethodField(help_text="smtp, or the provider's name where its API is used.")
    place = serializers.CharField(help_text="Its address without user, password or key.")
    state = serializers.SerializerMethodField(help_text="active, paused, passed_over or archived.")
    per_second = serializers.IntegerField(allow_null=True)
    last_error = serializers.CharField()
    last_error_at = serializers.DateTimeField(allow_null=True)

    def get_kind(self, provider: Provider) -> str:
        scheme = provider.place.partition(":")[0]
        return scheme if scheme in KINDS else "smtp"

    def get_state(self, provider: Provider) -> str:
        if provider.archived_at:
            return "archived"
        if provider.paused_at:
            return "paused"
        return "passed_over" if any(use.is_broken for use in provider.uses.all()) else "active"


class ProviderDetailOut(ProviderOut):
    uses = UseOut(many=True, help_text="The senders that use it, and the place it has in their order.")


class ProviderListView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(operation_id="provider_list", summary="List providers", responses=ProviderOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The providers that send our messages, the newest first, page by page, without the archived ones."""
        refuse_unless(may_read, request.user)
        providers = Provider.objects.visible_to(request.user).active().prefetch_related("uses__identity")
        pages = KeysetPagination()
        rows = pages.paginate_queryset(providers, request, view=self)
        return pages.get_paginated_response(ProviderOut(rows, many=True).data)


class ProviderDetailView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(operation_id="provider_retrieve", summary="One provider", responses=ProviderDetailOut)
    def get(self, request: ApiRequest, public_id: str) -> Response:
        """Its state, the senders that use it, and its last error."""
        refuse_unless(may_read, request.user)
        return Response(ProviderDetailOut(_provider(request, public_id)).data)


class ProviderPauseView(APIView):
    required_scope = "campaigns:write"

    @extend_schema(operation_id="provider_pause", summary="Pause a provider", request=None, responses=ProviderDetailOut)
    def post(self, request: ApiRequest, public_id: str) -> Response:
        """Nothing more goes through it until it is resumed: the next one in a sender's order carries on, and a mailing
        whose sender has no other waits."""
        return _paused(request, public_id, paused=True)


class ProviderResumeView(APIView):
    required_scope = "campaigns:write"

    @extend_schema(
        operation_id="provider_resume", summary="Resume a provider", request=None, responses=ProviderDetailOut
    )
    def post(self, request: ApiRequest, public_id: str) -> Response:
        """Messages go through it again."""
        return _paused(request, public_id, paused=False)


def _provider(request: ApiRequest, public_id: str) -> Provider:
    providers = Provider.objects.visible_to(request.user).prefetch_related("uses__identity")
    return get_object_or_404(providers, public_id=public_id)


def _paused(request: ApiRequest, public_id: str, *, paused: bool) -> Response:
    refuse_unless(may_set_limits, request.user)
    provider = _provider(request, public_id)
    provider_pause(provider=provider, actor=request.user, paused=paused)
    return Response(ProviderDetailOut(provider).data)
