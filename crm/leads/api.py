"""Leads from other programs. The same external id again changes nothing."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import is_marketer, refuse_unless
from accounts.people.models import User
from accounts.tokens.authentication import ApiRequest
from crm.channels.api import ChannelField
from crm.leads.models import Lead
from crm.leads.services import LeadPerson, lead_record

DETAILS = ("first_name", "last_name", "city", "region", "country", "profession", "language")


class LeadIn(serializers.Serializer[dict[str, Any]]):
    external_id = serializers.CharField(max_length=120, help_text="The event's id in your system; makes it idempotent.")
    source = serializers.SlugField(max_length=40, default="api", help_text="Your system's name.")  # type: ignore[assignment]
    channel = ChannelField(help_text="Channel code, such as `search_ads`.")
    occurred_at = serializers.DateTimeField(required=False, help_text="Default: now.")
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    first_name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    last_name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    city = serializers.CharField(max_length=100, required=False, allow_blank=True)
    region = serializers.CharField(max_length=100, required=False, allow_blank=True)
    country = serializers.CharField(max_length=60, required=False, allow_blank=True)
    profession = serializers.CharField(max_length=100, required=False, allow_blank=True)
    language = serializers.CharField(max_length=5, required=False, allow_blank=True)
    interest = serializers.CharField(max_length=300, required=False, allow_blank=True)
    content_format = serializers.ChoiceField(choices=Lead.Content.choices, required=False, allow_blank=True)
    attended_by = serializers.ChoiceField(choices=Lead.AttendedBy.choices, default=Lead.AttendedBy.ECOMMERCE)
    owner = serializers.SlugRelatedField(
        slug_field="email",
        queryset=User.objects.filter(is_active=True, role=User.Role.SALESPERSON),
        required=False,
        allow_null=True,
        help_text="The salesperson's e-mail address.",
    )
    utm = serializers.DictField(child=serializers.CharField(max_length=200), required=False)


class LeadOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    contact = serializers.CharField(source="contact.public_id")
    channel = serializers.CharField(source="channel.code")
    occurred_at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()


class LeadCreateView(APIView):
    """Record a lead."""

    required_scope = "leads:write"

    @extend_schema(
        operation_id="lead_create",
        summary="Record a lead",
        description="201 when it is new, 200 when this external id was recorded before (nothing is changed then).",
        request=LeadIn,
        responses={201: LeadOut, 200: LeadOut},
    )
    def post(self, request: ApiRequest) -> Response:
        refuse_unless(is_marketer, request.user)
        given = LeadIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        lead, created = lead_record(
            person=LeadPerson(
                email=data.get("email", ""),
                phone=data.get("phone", ""),
                details={name: data[name] for name in DETAILS if data.get(name)},
            ),
            channel=data["channel"],
            occurred_at=data.get("occurred_at"),
            attended_by=data["attended_by"],
            owner=data.get("owner"),
            interest=data.get("interest", ""),
            content_format=data.get("content_format", ""),
            utm=data.get("utm"),
            source=data["source"],
            external_id=data["external_id"],
            actor=request.user,
        )
        return Response(LeadOut(lead).data, status=status.HTTP_201_CREATED if created else status.HTTP_200_OK)
