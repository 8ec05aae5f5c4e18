"""What customers say: would they recommend us (Net Promoter Score)."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from crm.channels.models import Channel
from crm.contacts.models import Contact

if TYPE_CHECKING:
    from accounts.people.models import User


class NpsAnswerQuerySet(models.QuerySet["NpsAnswer"]):
    def visible_to(self, user: "User") -> Self:
        if not user.is_salesperson:
            return self
        return self.filter(contact__minilist_memberships__owner=user, contact__minilist_memberships__until=None)


class NpsAnswer(models.Model):
    """A person's answer, 0 to 10, to "would you recommend us", with what they wrote.

    `invitation` is the id in the link they followed: one link, one answer, which they may correct.
    """

    invitation = models.CharField(max_length=64, unique=True, default=public_id)
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="nps_answers")
    score = models.PositiveSmallIntegerField(_("score"), validators=[MinValueValidator(0), MaxValueValidator(10)])
    comment = models.TextField(_("comment"), blank=True)
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=40, default="link")
    answered_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = NpsAnswerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-answered_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(score__gte=0, score__lte=10), name="nps_score_is_0_to_10")
        ]

    def __str__(self) -> str:
        return str(self.score)
