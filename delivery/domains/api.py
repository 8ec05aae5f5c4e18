"""Sending domains with their records, for other programs. No route tells a secret."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import refuse_unless
from accounts.tokens.authentication import ApiRequest
from core.api.pagination import KeysetPagination
from delivery.access import may_read, may_set_limits
from delivery.domains.checks.finding_text import finding_line
from delivery.domains.models import SendingDomain
from delivery.domains.services.deliverability import domain_check_start, identities_of

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
    """A key that signs messages of the domain, or is about to; its private half is shown nowhere."""

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
    well_at = serializers.DateTimeField(help_text="When the last check found no problem.")
    broken_at = serializers.DateTimeField(help_text="Since when there is a problem.")


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
