"""Campaigns for other programs: make one whole, launch it through the same service as the screen, read its results."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import refuse_unless
from accounts.tokens.authentication import ApiRequest
from campaigns.campaigns.launch import campaign_launch
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import campaign_create
from campaigns.experiments.experiment_queries import experiment_reading
from campaigns.experiments.models import Experiment
from campaigns.experiments.services import experiment_plan
from core.api.pagination import KeysetPagination
from core.errors import DomainError
from core.zones import zone_names
from delivery.access import may_launch, may_read
from delivery.sends.launch import launch_problems, launch_warnings
from delivery.sends.models import Send, Variant
from delivery.sends.queries import audience_preview, send_progress
from delivery.sends.services import send_cancel
from delivery.sends.utm import UTM_DEFAULT, utm_of
from delivery.sends.variant_counts import FIGURES, variant_counts
from marketing.segments.models import Segment

NO_BRACES = r"^[^{}\r\n]*$"


class VariantIn(serializers.Serializer[dict[str, Any]]):
    subject = serializers.CharField(max_length=250)
    body = serializers.CharField(trim_whitespace=False, help_text="MJML with merge fields.")
    preheader = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")
    text = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Leave empty to generate the text from the body."
    )
    from_name = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    offer = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    weight = serializers.IntegerField(min_value=0, max_value=100, default=50)


class TestIn(serializers.Serializer[dict[str, Any]]):
    hypothesis = serializers.CharField(max_length=1000)
    metric = serializers.ChoiceField(choices=Experiment.Metric.choices)
    horizon = serializers.IntegerField(min_value=2, help_text="Recipients after which the test is read (N*).")
    horizon_days = serializers.IntegerField(min_value=1, max_value=90, default=7)


class UtmIn(serializers.Serializer[dict[str, str]]):
    """What is left out takes its default: cauce, email, the campaign's name, no term, the variant's letter."""

    source = serializers.RegexField(NO_BRACES, max_length=100, required=False)  # type: ignore[assignment]
    medium = serializers.RegexField(NO_BRACES, max_length=100, required=False)
    campaign = serializers.RegexField(NO_BRACES, max_length=100, required=False)
    term = serializers.RegexField(NO_BRACES, max_length=100, required=False)
    content = serializers.RegexField(NO_BRACES, max_length=100, required=False)


class CampaignIn(serializers.Serializer[dict[str, Any]]):
    name = serializers.CharField(max_length=120)
    objective = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    segment = serializers.SlugRelatedField(
        slug_field="public_id", queryset=Segment.objects.active(), help_text="The segment's id."
    )
    variants = VariantIn(many=True, required=False)
    test = TestIn(required=False)
    tracking = serializers.ChoiceField(
        choices=["person", "variant"], default="person",
        help_text="`variant` is privacy mode: no pixel, links without recipient, clicks counted per variant.",
    )  # fmt: skip
    utm = UtmIn(required=False, allow_null=True, help_text="Web-analytics tags; null for none.")


class LaunchIn(serializers.Serializer[dict[str, Any]]):
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="With its offset. Not given: now.")
    zone = serializers.ChoiceField(choices=zone_names(), required=False, help_text="The zone it was said in.")
    expected = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text=(
            "How many people you mean to reach: the `recipients` of the draft. When it is another number by now, "
            "nothing is sent and the answer is 409 `audience_changed`, with the new number in `fields.expected`. "
            "Without it the number is not checked, and the audience of that moment gets it."
        ),
    )


class CampaignOut(serializers.Serializer[Any]):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    objective = serializers.CharField()
    state = serializers.CharField(source="send.state")
    segment = serializers.SerializerMethodField()
    scheduled_at = serializers.DateTimeField(source="send.scheduled_at")
    launched_at = serializers.DateTimeField(source="send.launched_at")
    finished_at = serializers.DateTimeField(source="send.finished_at")
    audience = serializers.IntegerField(source="send.audience")
    tracking = serializers.SerializerMethodField(
        help_text="`person`, or `variant`: privacy mode, no recipient is identified."
    )

    def get_tracking(self, campaign: Campaign) -> str:
        return "person" if campaign.send.is_tracked else "variant"

    def get_segment(self, campaign: Campaign) -> str | None:
        return campaign.segment.public_id if campaign.segment else None


class CampaignDetailOut(CampaignOut):
    missing = serializers.SerializerMethodField(help_text="What keeps a draft from being launched: code and message.")
    recipients = serializers.SerializerMethodField(
        help_text="How many people a draft would reach at this moment; null once it is launched, or without a segment."
    )
    warning = serializers.SerializerMethodField(
        help_text="What does not keep it from being launched, but may keep it from arriving: code and message, or null."
    )
    progress = serializers.SerializerMethodField(help_text="Recipients by state; they sum to the audience.")
    variants = serializers.SerializerMethodField(
        help_text="Per variant: recipients; `opens`, `clicks`: people, programs left out (with tracking `variant`, "
        "clicks and not people); `openers`, `clickers`: recipients with any event; `raw_opens`, `raw_clicks`: events; "
        "`orders`: buyers; `unsubscribed`."
    )
    test = serializers.SerializerMethodField(help_text="What the test says now.")
    utm = serializers.SerializerMethodField(help_text="The web-analytics tags of its links, in the first variant.")

    def get_utm(self, campaign: Campaign) -> dict[str, str]:
        arm = campaign.send.variants.first()
        return utm_of(campaign.send, arm) if arm is not None else {}

    def get_missing(self, campaign: Campaign) -> list[dict[str, str]]:
        if campaign.send.state != Send.State.DRAFT:
            return []
        return [{"code": problem.code, "message": problem.message} for problem in launch_problems(campaign.send)]

    def get_recipients(self, campaign: Campaign) -> int | None:
        if campaign.send.state != Send.State.DRAFT or campaign.segment is None:
            return None
        return audience_preview(send=campaign.send).recipients

    def get_warning(self, campaign: Campaign) -> dict[str, str] | None:
        found = launch_warnings(campaign.send)[:1] if campaign.send.is_editable else []
        return {"code": found[0].code, "message": found[0].message} if found else None

    def get_progress(self, campaign: Campaign) -> dict[str, int] | None:
        if campaign.send.audience is None:
            return None
        shown = send_progress(campaign.send)
        names = ("audience", "waiting", "claimed", "deferred", "sent", "failed", "skipped", "unknown")
        return {name: getattr(shown, name) for name in names}

    def get_variants(self, campaign: Campaign) -> list[dict[str, Any]]:
        if campaign.send.launched_at is None:
            return []
        experiment = Experiment.objects.filter(send=campaign.send_id).first()
        return [
            {
                "label": arm.label,
                **{name: getattr(arm, name) for name in FIGURES},
            }
            for arm in variant_counts(campaign.send, horizon_days=experiment.horizon_days if experiment else 7)
        ]

    def get_test(self, campaign: Campaign) -> dict[str, Any] | None:
        experiment = Experiment.objects.filter(send=campaign.send_id).first()
        if experiment is None:
            return None
        reading = experiment_reading(campaign.send, experiment) if campaign.send.launched_at else None
        return {
            "hypothesis": experiment.hypothesis,
            "metric": experiment.metric,
            "horizon": experiment.horizon,
            "status": reading.status.value if reading else None,
            "sentence": reading.sentence if reading else None,
            "comparisons": [
                {
                    "label": one.label,
                    "baseline": one.baseline,
                    "difference": one.result.difference,
                    "low": one.result.low,
                    "high": one.result.high,
                    "p_value": one.result.p_value,
                    "chance_to_beat": one.chance,
                }
                for one in (reading.versus if reading else ())
            ],
            "verdict": experiment.verdict,
            "learning": experiment.learning,
        }


class CampaignListView(APIView):
    required_scope = "campaigns:read"

    def get_permissions(self) -> Any:
        self.required_scope = "campaigns:read" if self.request.method == "GET" else "campaigns:write"
        return super().get_permissions()

    @extend_schema(operation_id="campaign_list", summary="List campaigns", responses=CampaignOut(many=True))
    def get(self, request: ApiRequest) -> Response:
        """Newest first, page by page."""
        refuse_unless(may_read, request.user)
        campaigns = Campaign.objects.visible_to(request.user).active().select_related("send", "segment")
        pages = KeysetPagination()
        return pages.get_paginated_response(
            CampaignOut(pages.paginate_queryset(campaigns, request, view=self), many=True).data
        )

    @extend_schema(
        operation_id="campaign_create",
        summary="Make a campaign",
        request=CampaignIn,
        responses={201: CampaignDetailOut},
    )
    @transaction.atomic
    def post(self, request: ApiRequest) -> Response:
        """A draft with its variants and its test. `missing` says what still keeps it from being launched."""
        refuse_unless(may_launch, request.user)
        given = CampaignIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        variants, test = data.pop("variants", None), data.pop("test", None)
        utm = data.pop("utm", {})
        campaign = campaign_create(
            actor=request.user,
            is_tracked=data.pop("tracking") == "person",
            utm=None if utm is None else UTM_DEFAULT | utm,
            **data,
        )
        if variants:
            if len(variants) > 6:
                raise DomainError(_("A test can compare up to six variants."), code="too_many_variants")
            campaign.send.variants.all().delete()
            for label, values in zip("ABCDEF", variants, strict=False):
                Variant.objects.create(send=campaign.send, label=label, **values)
        if test:
            experiment_plan(send=campaign.send, weights={}, actor=request.user, **test)
        return Response(CampaignDetailOut(campaign).data, status=status.HTTP_201_CREATED)


class CampaignDetailView(APIView):
    required_scope = "campaigns:read"

    @extend_schema(operation_id="campaign_retrieve", summary="One campaign", responses=CampaignDetailOut)
    def get(self, request: ApiRequest, public_id: str) -> Response:
        """Its state, its progress, what each variant brought and what its test says."""
        refuse_unless(may_read, request.user)
        campaigns = Campaign.objects.visible_to(request.user).select_related("send", "segment")
        return Response(CampaignDetailOut(get_object_or_404(campaigns, public_id=public_id)).data)


class CampaignLaunchView(APIView):
    required_scope = "campaigns:write"

    @extend_schema(
        operation_id="campaign_launch",
        summary="Launch a campaign",
        request=LaunchIn,
        responses={200: CampaignDetailOut},
    )
    def post(self, request: ApiRequest, public_id: str) -> Response:
        """Now or at a time; also the way to decide on a campaign that is `late`. 422 names what is missing; 409
        says that it was launched before (`already_launched`), or that the audience is not of the size you expected
        (`audience_changed`). Give `expected` so that nobody is written to whom you did not count."""
        refuse_unless(may_launch, request.user)
        campaign = get_object_or_404(
            Campaign.objects.visible_to(request.user).select_related("send__identity", "segment"), public_id=public_id
        )
        given = LaunchIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        campaign_launch(
            campaign=campaign,
            actor=request.user,
            at=data.get("at"),
            zone=data.get("zone", "UTC") if data.get("at") else "",
            expected=data.get("expected"),
        )
        return Response(CampaignDetailOut(campaign).data)


class CampaignCancelView(APIView):
    required_scope = "campaigns:write"

    @extend_schema(
        operation_id="campaign_cancel", summary="Cancel a campaign", request=None, responses={200: CampaignDetailOut}
    )
    def post(self, request: ApiRequest, public_id: str) -> Response:
        """For good: contacts that still wait get nothing. A `late` campaign (its time passed while the system was away)
        is decided on with this, or by launching it now or at another time. 409 when nothing of it is waiting
        (`send_not_running`)."""
        refuse_unless(may_launch, request.user)
        campaigns = Campaign.objects.visible_to(request.user).select_related("send", "segment")
        campaign = get_object_or_404(campaigns, public_id=public_id)
        campaign.send = send_cancel(send=campaign.send, actor=request.user)
        return Response(CampaignDetailOut(campaign).data)
