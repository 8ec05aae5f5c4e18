"""Bounces, complaints and the suppression list, for other programs."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import refuse_unless
from accounts.tokens.authentication import ApiRequest
from core.api.pagination import KeysetPagination
from crm.consent.models import Suppression
from crm.consent.services import suppression_add
from crm.contacts.email_addresses import normalize_address
from delivery.access import may_launch, may_read
from delivery.feedback.forms import BY_HAND
from delivery.feedback.models import Bounce
from delivery.feedback.tables import bounce_rows, known_address, suppression_rows
from delivery.sends.authors import author_row
from delivery.sends.models import Send

MAX_ADDRESSES = 1_000


class BounceOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    kind = serializers.CharField(help_text="hard, soft, block (rejected as spam) or complaint.")
    source = serializers.CharField(help_text="smtp, mailbox or webhook.")  # type: ignore[assignment]
    origin = serializers.CharField(help_text="The mailbox's or the provider's name.")
    address = serializers.CharField()
    code = serializers.CharField(help_text="Enhanced status code (RFC 3463) where one was given.")
    diagnostic = serializers.CharField()
    contact = serializers.CharField(source="contact.public_id", default=None)
    campaign = serializers.SerializerMethodField(help_text="Null for letters, and while the message is not known.")
    suppressed = serializers.BooleanField(help_text="Whether the address was suppressed because of this.")

    def get_campaign(self, bounce: Bounce) -> str | None:
        send = bounce.send
        campaign = author_row(send) if send is not None and send.kind == Send.Kind.CAMPAIGN else None
        return campaign.public_id if campaign is not None else None


class BounceQuery(serializers.Serializer[dict[str, Any]]):
    kind = serializers.ChoiceField(choices=Bounce.Kind.choices, required=False)
    campaign = serializers.CharField(max_length=14, required=False, help_text="The campaign's id.")
    since = serializers.DateTimeField(required=False, help_text="Reported at this time or later.")


class SuppressionOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    address = serializers.SerializerMethodField(help_text="Null where only the fingerprint is kept.")
    fingerprint = serializers.CharField(source="address_hash", help_text="Keyed hash of the normalised address.")
    reason = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    at = serializers.DateTimeField()

    def get_address(self, row: Any) -> str | None:
        return known_address(row) or None


class SuppressionQuery(serializers.Serializer[dict[str, Any]]):
    reason = serializers.ChoiceField(choices=Suppression.Reason.choices, required=False)
    since = serializers.DateTimeField(required=False, help_text="On the list since then or later.")


class SuppressionIn(serializers.Serializer[dict[str, Any]]):
    addresses = serializers.ListField(
        child=serializers.CharField(max_length=254), min_length=1, max_length=MAX_ADDRESSES
    )
    reason = serializers.ChoiceField(
        choices=[(one.value, one.label) for one in BY_HAND], default=Suppression.Reason.MANUAL
    )

    def validate_addresses(self, given: list[str]) -> list[str]:
        found, bad = [], []
        for text in given:
            try:
                found.append(normalize_address(text))
            except ValidationError:
                bad.append(text)
        if bad:
            raise serializers.ValidationError(
                _("Not valid e-mail addresses: %(words)s") % {"words": ", ".join(bad[:5])}, code="invalid"
            )
        return list(dict.fromkeys(found))


class SuppressionAdded(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="Those that were not on the list before.")


class BounceListView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(
        operation_id="bounce_list", summary="List bounces", parameters=[BounceQuery], responses=BounceOut(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        """Bounces and complaints, the newest first, page by page."""
        refuse_unless(may_read, request.user)
        given = BounceQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        rows = bounce_rows(request.user)
        if "kind" in asked:
            rows = rows.filter(kind=asked["kind"])
        if "campaign" in asked:
            rows = rows.filter(**{f"send__{Send.Kind.CAMPAIGN.value}__public_id": asked["campaign"]})
        if "since" in asked:
            rows = rows.filter(at__gte=asked["since"])
        pages = KeysetPagination()
        return pages.get_paginated_response(
            BounceOut(pages.paginate_queryset(rows, request, view=self), many=True).data
        )


class SuppressionListView(APIView):
    required_scope = "campaigns:read"

    def get_permissions(self) -> Any:
        self.required_scope = "campaigns:read" if self.request.method == "GET" else "suppressions:write"
        return super().get_permissions()

    @extend_schema(
        operation_id="suppression_list",
        summary="List suppressed addresses",
        parameters=[SuppressionQuery],
        responses=SuppressionOut(many=True),
    )
    def get(self, request: ApiRequest) -> Response:
        """The suppression list, the newest first, page by page."""
        refuse_unless(may_read, request.user)
        given = SuppressionQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        rows = suppression_rows(request.user)
        if "reason" in asked:
            rows = rows.filter(reason=asked["reason"])
        if "since" in asked:
            rows = rows.filter(at__gte=asked["since"])
        pages = KeysetPagination()
        return pages.get_paginated_response(
            SuppressionOut(pages.paginate_queryset(rows, request, view=self), many=True).data
        )

    @extend_schema(
        operation_id="suppression_create",
        summary="Suppress addresses",
        request=SuppressionIn,
        responses={200: SuppressionAdded},
    )
    def post(self, request: ApiRequest) -> Response:
        """Send nothing to these addresses from now on. One that is on the list already stays as it is; the API takes
        nobody off it."""
        refuse_unless(may_launch, request.user)
        given = SuppressionIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        added = sum(
            suppression_add(address=address, reason=data["reason"], source="api", actor=request.user)
            for address in data["addresses"]
        )
        return Response({"added": added}, status=status.HTTP_200_OK)
