"""Value propositions: what the company promises a segment, version by version."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import public_id

if TYPE_CHECKING:
    from accounts.people.models import User
from marketing.segments.models import Segment


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
        IN_FORCE = "in_force", _("Active")
        REPLACED = "replaced", _("Replaced")

    class Verdict(models.TextChoices):
        OPEN = "open", _("No verdict yet")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUTED = "refuted", _("Refuted")
        UNCLEAR = "unclear", _("No difference found")

    proposition = models.ForeignKey(ValueProposition, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    headline = models.CharField(_("statement"), max_length=160)
    customer_job = models.TextField(_("customer job (what the customer wants to achieve)"), blank=True)
    pains = models.TextField(_("pains (what bothers the customer)"), blank=True)
    gains = models.TextField(_("gains (what the customer hopes for)"), blank=True)
    offer = models.TextField(_("offer"), blank=True)
    proof = models.TextField(_("proof (why the offer is credible)"), blank=True)
    hypothesis = models.TextField(_("hypothesis"))
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.OPEN)
    verdict_note = models.TextField(_("learning"), blank=True)
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
