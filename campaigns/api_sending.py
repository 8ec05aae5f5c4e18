"""Sending domains with their records, and providers with their state, for other programs. No route tells a secret."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import refuse_unless
from accounts.tokens.authentication import ApiRequest
from campaigns.access import may_read, may_set_limits
from campaigns.deliverability.words import finding_line
from campaigns.engine.api import KINDS
from campaigns.models.domains import SendingDomain
from campaigns.models.providers import Provider
from campaigns.services.deliverability import domain_check_start, identities_of
from campaigns.services.providers import provider_pause
from core.api.pagination import KeysetPagination

LEVELS = "`good` in order, `warn` needs attention, `refuse` not fit to send; empty while not checked yet."


class RecordOut(serializers.Serializer[Any]):
    """A record to publish in the DNS."""

    type = serializers.CharField()
    host = serializers.CharField(help_text="The record's name.")
    value = serializers.CharField()


class FindingOut(serializers.Serializer[Any]):
    part = serializers.CharField(help_text="domain, spf, dkim, dmarc, alignment, return or server.")
    code = serializers.CharField()
    level = serializers.CharField(help_text="good, hint, warn or refuse.")
    text = serializers.SerializerMethodField(help_text="In words, in the language of the request.")
    record = RecordOut(allow_null=True, help_text="What to publish, where something is missing or wrong.")

    def get_text(self, finding: dict[str, Any]) -> str:
        return finding_line(finding).text

    def to_representation(self, finding: dict[str, Any]) -> dict[str, Any]:
        return super().to_representation({"record": None, **finding})


class SigningKeyOut(serializers.Serializer[Any]):
    """A key that signs messages of the domain, or is about to; its private half is told nowhere."""

    selector = serializers.CharField()
    algorithm = serializers.CharField()
    state = serializers.CharField(help_text="prepared, active or leaving.")
    type = serializers.SerializerMethodField()
    host = serializers.CharField(help_text="Where its record stands.")
    value = serializers.CharField(source="record")

    def get_type(self, key: Any) -> str:
        return "TXT"


class DomainOut(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="In ASCII (IDNA).")
    level = serializers.CharField(help_text=LEVELS)
    is_signed = serializers.BooleanField(help_text="Whether our own keys sign its messages.")
    checked_at = serializers.DateTimeField()
    well_at = serializers.DateTimeField(help_text="When all was last in order.")
    broken_at = serializers.DateTimeField(help_text="Since when it is not any more.")


class DomainDetailOut(DomainOut):
    senders = serializers.SerializerMethodField(help_text="The senders in use whose address is at this domain.")
    findings = FindingOut(many=True)
    keys = SigningKeyOut(
        source="keys.published", many=True, help_text="The signing keys whose records have to stand in the DNS."
    )

    def get_senders(self, domain: SendingDomain) -> list[str]:
        return [sender.from_address for sender in identities_of(domain)]


class CheckOut(serializers.Serializer[Any]):
    domain = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True, help_text="When it was last checked before this.")


class UseOut(serializers.Serializer[Any]):
    sender = serializers.CharField(source="identity.from_address")
    position = serializers.IntegerField(help_text="1 is tried first.")
    passed_over_until = serializers.SerializerMethodField(
        help_text="Until then the next one carries its messages; null while it takes them."
    )
    reason = serializers.SerializerMethodField(help_text="Why it is passed over.")

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


class DomainListView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(operation_id="sending_domain_list", summary="List sending domains", responses=DomainOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """The domains our senders' addresses are at, the newest first, page by page."""
        refuse_unless(may_read, request.user)
        pages = KeysetPagination()
        rows = pages.paginate_queryset(SendingDomain.objects.visible_to(request.user), request, view=self)
        return pages.get_paginated_response(DomainOut(rows, many=True).data)


class DomainDetailView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(operation_id="sending_domain_retrieve", summary="One sending domain", responses=DomainDetailOut)
    def get(self, request: ApiRequest, name: str) -> Response:
        """What the last check found, and each record to publish."""
        refuse_unless(may_read, request.user)
        domain = get_object_or_404(SendingDomain.objects.visible_to(request.user), name=name)
        return Response(DomainDetailOut(domain).data)


class DomainCheckView(APIView):
    required_scope = "campaigns:write"

    @extend_schema(
        operation_id="sending_domain_check", summary="Check a sending domain now", request=None,
        responses={202: CheckOut},
    )  # fmt: skip
    def post(self, request: ApiRequest, name: str) -> Response:
        """A worker asks the DNS; the domain's `checked_at` changes when it is done, within seconds."""
        refuse_unless(may_set_limits, request.user)
        domain = get_object_or_404(SendingDomain.objects.visible_to(request.user), name=name)
        domain_check_start(domain=domain, actor=request.user)
        answer = {"domain": domain.name, "checked_at": domain.checked_at}
        return Response(CheckOut(answer).data, status=status.HTTP_202_ACCEPTED)


class ProviderListView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(operation_id="provider_list", summary="List providers", responses=ProviderOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Who carries our messages, the newest first, page by page; those put away are left out."""
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
