"""How interest is captured: public forms, and what was sent through them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import public_id
from crm.channels.models import Channel
from crm.consent.models import ConsentTopic
from crm.leads.models import Lead

if TYPE_CHECKING:
    from accounts.people.models import User


class LeadFormQuerySet(models.QuerySet["LeadForm"]):
    def visible_to(self, user: "User") -> Self:
        """Forms belong to the office."""
        return self.none() if user.is_salesperson else self

    def active(self) -> Self:
        return self.filter(archived_at=None)


class LeadForm(models.Model):
    """A public page where a visitor leaves their address: `/f/lead/<public id>/`.

    The e-mail is always asked; `fields` says what else. With a topic, the visitor is asked for consent in `wording`;
    with `double_opt_in` the consent counts only when they confirm by mail.
    """

    class Field(models.TextChoices):
        FIRST_NAME = "first_name", _("First name")
        LAST_NAME = "last_name", _("Last name")
        PHONE = "phone", _("Phone")
        CITY = "city", _("City")
        INTEREST = "interest", _("What are you looking for?")

    public_id = models.CharField(max_length=14, unique=True, default=public_id, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("Visible only to your colleagues."))
    title = models.CharField(_("page title"), max_length=120)
    intro = models.TextField(_("introduction"), max_length=1000, blank=True)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="lead_forms", verbose_name=_("channel"))
    attended_by = models.CharField(
        _("attended by"), max_length=12, choices=Lead.AttendedBy.choices, default=Lead.AttendedBy.ECOMMERCE
    )
    content_format = models.CharField(_("content"), max_length=5, choices=Lead.Content.choices, blank=True)
    fields = ArrayField(
        models.CharField(max_length=12, choices=Field.choices),
        verbose_name=_("additional fields"),
        default=list,
        blank=True,
    )
    topic = models.ForeignKey(
        ConsentTopic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("consent for")
    )
    wording = models.CharField(_("consent wording"), max_length=500, blank=True)
    double_opt_in = models.BooleanField(
        _("confirm by e-mail (double opt-in)"),
        default=True,
        help_text=_("Consent counts only after the contact confirms by e-mail."),
    )
    thank_you = models.TextField(_("thank-you text"), max_length=1000)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LeadFormQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(topic=None) | ~models.Q(wording=""), name="lead_form_consent_has_wording"
            )
        ]

    def __str__(self) -> str:
        return self.name


class LeadFormSubmission(models.Model):
    """One sending of a form: the lead it made, the consent wording shown then, and when it was confirmed by mail.

    `key` is drawn when the page is shown, so that sending twice is one submission.
    """

    key = models.CharField(max_length=32, unique=True)
    form = models.ForeignKey(LeadForm, models.CASCADE, related_name="submissions")
    lead = models.OneToOneField(Lead, models.CASCADE, related_name="submission")
    consent_given = models.BooleanField(default=False)
    topic = models.ForeignKey(ConsentTopic, models.PROTECT, null=True, related_name="+")
    wording = models.TextField(blank=True)
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return self.key
