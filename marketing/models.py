"""What is sold to which segment, and what is spent to sell it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from crm.models import Channel

if TYPE_CHECKING:
    from accounts.models import User

GROWTH_DAYS = 30
RATIO: "models.DecimalField[Decimal, Decimal]" = models.DecimalField(max_digits=20, decimal_places=6)


class SegmentQuerySet(models.QuerySet["Segment"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def visible_to(self, user: "User") -> Self:
        """Segments belong to the office; a salesperson works with a mini-list instead."""
        return self.none() if user.is_salesperson else self

    def with_growth(self, *, today: date, zone: ZoneInfo) -> Self:
        """Each with `growth`, the change of its size (a ratio) since `since`: the last day it was counted on or before
        thirty days ago, for a younger segment its first one. Both None when it was not counted on an earlier day."""
        counted_on = TruncDate("counted_at", tzinfo=zone)
        sizes = SegmentSize.objects.filter(segment=models.OuterRef("pk")).nearest_to(today - timedelta(GROWTH_DAYS))
        then = models.F("since_size")
        return self.annotate(
            since_day=models.Subquery(sizes.values("day")[:1]), since_size=models.Subquery(sizes.values("size")[:1])
        ).annotate(
            since=models.Case(models.When(since_day__lt=counted_on, then=models.F("since_day"))),
            growth=models.Case(
                models.When(
                    since_day__lt=counted_on,
                    since_size__gt=0,
                    then=Cast(models.F("size") - then, RATIO) / Cast(then, RATIO),
                ),
                output_field=RATIO,
            ),
        )


class Segment(models.Model):
    """People who share something, by rule: `rules` is a typed tree over the registered fields (see core.rules)."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    rules = models.JSONField(_("rules"), default=dict)
    strategy = models.TextField(_("strategy"), blank=True)
    next_action = models.CharField(_("next action"), max_length=200, blank=True)
    is_key = models.BooleanField(_("key segment"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    size = models.PositiveIntegerField(null=True, editable=False)
    value = models.DecimalField(max_digits=16, decimal_places=2, null=True, editable=False)
    counted_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class SegmentSizeQuerySet(models.QuerySet["SegmentSize"]):
    def nearest_to(self, day: date) -> Self:
        """The last on or before `day` first; after those, the first one since."""
        upto = models.Q(day__lte=day)
        return self.order_by(
            models.Case(models.When(upto, then=0), default=1),
            models.Case(models.When(upto, then=models.F("day"))).desc(nulls_last=True),
            "day",
        )


class SegmentSize(models.Model):
    """How many people a segment had on a day, and what they have bought in all, net of returns."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="sizes")
    day = models.DateField()
    size = models.PositiveIntegerField()
    value = models.DecimalField(max_digits=16, decimal_places=2)

    objects = SegmentSizeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["day"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["segment", "day"], name="segment_size_once_a_day")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.day} {self.size}"


class ValuePropositionQuerySet(models.QuerySet["ValueProposition"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def with_shown(self) -> Self:
        """Each with `shown_id`: the version that stands for it, the one in force, else the newest."""
        versions = PropositionVersion.objects.filter(proposition=models.OuterRef("pk"))
        first = models.Case(models.When(state=PropositionVersion.State.IN_FORCE, then=0), default=1)
        return self.annotate(shown_id=models.Subquery(versions.order_by(first, "-number").values("pk")[:1]))

    def visible_to(self, user: "User") -> Self:
        """What the company promises is for the office to read."""
        return self.none() if user.is_salesperson else self


class ValueProposition(models.Model):
    """What the company promises a segment. Its text lives in versions."""

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="propositions", verbose_name=_("segment"))
    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ValuePropositionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class PropositionVersionQuerySet(models.QuerySet["PropositionVersion"]):
    def in_force(self) -> Self:
        return self.filter(state=PropositionVersion.State.IN_FORCE)

    def visible_to(self, user: "User") -> Self:
        return self.none() if user.is_salesperson else self


class PropositionVersion(models.Model):
    """One wording of a proposition: defined, put in force and tested, then kept or replaced by the next.

    Only a draft can be edited; a version in force is what campaigns carry. A trigger in the database refuses any change
    to the words of a version that has been in force.
    """

    WORDS: ClassVar = ["headline", "customer_job", "pains", "gains", "offer", "proof", "hypothesis"]

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        REPLACED = "replaced", _("Replaced")

    class Verdict(models.TextChoices):
        OPEN = "open", _("Not yet judged")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUTED = "refuted", _("Refuted")
        UNCLEAR = "unclear", _("No difference found")

    proposition = models.ForeignKey(ValueProposition, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    headline = models.CharField(_("promise"), max_length=160)
    customer_job = models.TextField(_("what the customer wants to get done"), blank=True)
    pains = models.TextField(_("what bothers them"), blank=True)
    gains = models.TextField(_("what they hope for"), blank=True)
    offer = models.TextField(_("what we offer"), blank=True)
    proof = models.TextField(_("why they should believe it"), blank=True)
    hypothesis = models.TextField(_("hypothesis"))
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.OPEN)
    verdict_note = models.TextField(_("what we learnt"), blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    in_force_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    objects = PropositionVersionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["proposition", "number"], name="version_number_is_one"),
            models.UniqueConstraint(
                fields=["proposition"], condition=models.Q(state="in_force"), name="one_version_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposition} v{self.number}"


class SpendEntry(models.Model):
    """Money spent to generate demand: one channel, one day. Typed or imported; `source` and `external_id` make a
    re-import change nothing."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="spend", verbose_name=_("channel"))
    day = models.DateField(_("day"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(max_length=40, default="typed")
    external_id = models.CharField(max_length=120, null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-day", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="spend_is_one_entry"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="spend_is_not_negative"),
        ]
        indexes: ClassVar = [models.Index(fields=["day", "channel"], name="spend_by_day")]

    def __str__(self) -> str:
        return f"{self.channel} {self.day} {self.amount}"


class KpiTarget(models.Model):
    """What a KPI should be over a period, set by the director. `kpi` is a code of the registry (`cpl`)."""

    kpi = models.SlugField(max_length=40)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    value = models.DecimalField(_("target"), max_digits=14, decimal_places=4)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-starts_on", "kpi"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="target_runs_forward"),
            models.UniqueConstraint(fields=["kpi", "starts_on", "ends_on"], name="target_is_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi} {self.value}"
