"""NPS answers from other programs. The same external id again corrects the answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import is_marketer, refuse_unless
from accounts.tokens.authentication import ApiRequest
from crm.channels.api import ChannelField
from crm.contacts.resolve import contact_find
from crm.surveys.services import nps_answer_record


class NpsIn(serializers.Serializer[dict[str, Any]]):
    external_id = serializers.CharField(max_length=60, help_text="The answer's id in your system.")
    score = serializers.IntegerField(min_value=0, max_value=10)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    email = serializers.CharField(max_length=254, required=False, allow_blank=True, help_text="Who answered, if known.")
    channel = ChannelField(required=False, allow_null=True)
    answered_at = serializers.DateTimeField(required=False, help_text="Default: now.")


class NpsOut(serializers.Serializer[Any]):
    external_id = serializers.SerializerMethodField()
    score = serializers.IntegerField()
    comment = serializers.CharField()
    contact = serializers.CharField(source="contact.public_id", allow_null=True, default=None)
    answered_at = serializers.DateTimeField()

    def get_external_id(self, answer: Any) -> str:
        return str(answer.invitation).partition(":")[2]


class NpsCreateView(APIView):
    """Record an answer to the recommendation question."""

    required_scope = "nps:write"

    @extend_schema(
        operation_id="nps_create",
        summary="Record an NPS answer",
        description="201 when it is new, 200 when this external id was answered before (score and comment are "
        "corrected then). An address nobody has is kept as an anonymous answer.",
        request=NpsIn,
        responses={201: NpsOut, 200: NpsOut},
    )
    def post(self, request: ApiRequest) -> Response:
        refuse_unless(is_marketer, request.user)
        given = NpsIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        contact = contact_find(email=data["email"]) if data.get("email") else None
        answer, created = nps_answer_record(
            score=data["score"],
            invitation=f"api:{data['external_id']}",
            comment=data.get("comment", ""),
            contact=contact,
            channel=data.get("channel") or (contact.channel if contact else None),
            source="api",
            answered_at=data.get("answered_at"),
            actor=request.user,
        )
        return Response(NpsOut(answer).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)
