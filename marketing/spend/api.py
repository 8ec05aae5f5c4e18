"""Spend from other programs."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import is_marketer, refuse_unless
from accounts.tokens.authentication import ApiRequest
from crm.channels.api import ChannelField
from marketing.spend.services import Money, spend_record


class SpendIn(serializers.Serializer[dict[str, Any]]):
    external_id = serializers.CharField(max_length=120, help_text="The entry's id in your system; makes it idempotent.")
    source = serializers.SlugField(max_length=40, default="api", help_text="Your system's name.")  # type: ignore[assignment]
    channel = ChannelField(help_text="Channel code, such as `search_ads`.")
    day = serializers.DateField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, help_text="Default: the company's.")
    rate = serializers.DecimalField(
        max_digits=18, decimal_places=8, required=False, help_text="What one unit was worth in the company's currency."
    )
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class SpendOut(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    channel = serializers.CharField(source="channel.code")
    day = serializers.DateField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.CharField()
    rate = serializers.DecimalField(max_digits=18, decimal_places=8)


class SpendCreateView(APIView):
    """Book spend on a channel and day."""

    required_scope = "spend:write"

    @extend_schema(
        operation_id="spend_create",
        summary="Book spend",
        description="201 when it is new, 200 when this external id was booked before (the entry is corrected then).",
        request=SpendIn,
        responses={201: SpendOut, 200: SpendOut},
    )
    def post(self, request: ApiRequest) -> Response:
        refuse_unless(is_marketer, request.user)
        given = SpendIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        entry, created = spend_record(
            channel=data["channel"],
            day=data["day"],
            money=Money(data["amount"], data.get("currency", ""), data.get("rate")),
            note=data.get("note", ""),
            source=data["source"],
            external_id=data["external_id"],
            actor=request.user,
        )
        return Response(SpendOut(entry).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)
