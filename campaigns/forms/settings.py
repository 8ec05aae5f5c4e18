"""Forms of senders, limits and templates."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.forms.campaigns import bare, one_line
from campaigns.models.authoring import EmailTemplate
from campaigns.models.identities import SendingIdentity, SendingPolicy
from campaigns.models.providers import Provider
from crm.brands.models import Brand
from crm.contacts.email_addresses import normalize_address

MOST_A_SECOND = 100_000


class IdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name and address to send from, and the providers that carry its messages, in order."""

    class Meta:
        model = SendingIdentity
        fields = (
            "brand",
            "name",
            "from_name",
            "from_address",
            "reply_address",
            "bounce_address",
            "per_second",
        )
        help_texts = {
            "name": _("What your colleagues choose it by."),
            "from_name": _("What recipients see."),
            "reply_address": _("Empty: answers come to the sender address."),
            "bounce_address": _(
                "Where undeliverable mail returns to; the mailbox must take bounces+anything@… as well. "
                "Empty: it returns to the sender address."
            ),
            "per_second": _("The most over all campaigns. Empty: as fast as the server takes them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].empty_label = None  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.fields["brand"].initial = Brand.objects.first()
        used = [use.provider_id for use in self.instance.uses.order_by("position")] if self.instance.pk else []
        labels = (_("Sends through"), _("If that fails, through"), _("And then through"))
        for place, label in enumerate(labels):
            self.fields[f"provider_{place + 1}"] = forms.ModelChoiceField(
                Provider.objects.active(),
                label=label,
                required=False,
                initial=used[place] if place < len(used) else None,
                empty_label=_("The installation's own mail server") if place == 0 else _("Nothing more"),
            )
        self.helper = bare()

    def clean_from_name(self) -> str:
        return one_line(self.cleaned_data["from_name"])

    def clean_per_second(self) -> int | None:
        pace: int | None = self.cleaned_data["per_second"]
        if pace == 0:
            raise forms.ValidationError(gettext("At least one a second."))
        return pace

    @property
    def providers(self) -> list[Provider]:
        """Those chosen, in order."""
        chosen = (self.cleaned_data.get(f"provider_{place}") for place in (1, 2, 3))
        return [provider for provider in chosen if provider is not None]


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limits every send keeps."""

    domain_limits = forms.CharField(
        label=_("Messages per second to one domain of recipients"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "A domain on each line and how many a second over all senders: gmail.com 20. Empty: no such limit."
        ),
    )

    class Meta:
        model = SendingPolicy
        fields = (
            "cap_messages",
            "cap_days",
            "may_write_customers",
            "late_start_minutes",
            "per_second",
            "domain_limits",
        )
        labels = {
            "cap_messages": _("Messages to one contact, at most"),
            "cap_days": _("In how many days"),
            "may_write_customers": _("Customers may be written to without their consent on record"),
            "late_start_minutes": _("Minutes late before a start asks first"),
            "per_second": _("Messages per second, all senders together"),
        }
        help_texts = {
            "cap_messages": _("All campaigns and letters together. Whoever has had as many is skipped."),
            "cap_days": "",
            "late_start_minutes": _(
                "A start that comes later, and a campaign that was being sent while the system was off for longer, "
                "wait until somebody decides."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = self.instance.domain_limits
        self.initial["domain_limits"] = "\n".join(f"{domain} {rate:g}" for domain, rate in sorted(limits.items()))
        self.helper = bare()

    def clean_domain_limits(self) -> dict[str, float]:
        limits: dict[str, float] = {}
        for number, line in enumerate(self.cleaned_data["domain_limits"].splitlines(), start=1):
            if not line.strip():
                continue
            domain, _blank, rate = line.replace(":", " ").replace("=", " ").strip().lstrip("@").rpartition(" ")
            try:
                domain = normalize_address(f"x@{domain.strip()}").partition("@")[2]
                limits[domain] = float(rate.replace(",", "."))
            except (ValidationError, ValueError):
                domain = ""
            if not domain or not 0 < limits[domain] <= MOST_A_SECOND:
                words = gettext("Line %(number)s: write a domain and how many a second, as gmail.com 20.")
                raise forms.ValidationError(words % {"number": number})
        return limits


class RetentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """How long what is known of single people's reactions and receipts is kept."""

    class Meta:
        model = SendingPolicy
        fields = ("keep_events_months", "keep_ledger_months")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare()


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A starting point for campaigns or letters."""

    class Meta:
        model = EmailTemplate
        fields = ("name", "brand", "subject", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].empty_label = None  # type: ignore[attr-defined]
        self.fields["body"].strip = False  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.fields["brand"].initial = Brand.objects.first()
        self.helper = bare()

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])
