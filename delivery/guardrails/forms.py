"""Forms of the limits of sending, and of how long reactions are kept."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from crm.contacts.email_addresses import normalize_address
from delivery.guardrails.models import SendingPolicy

MAX_PER_SECOND = 100_000


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limits every send keeps."""

    domain_limits = forms.CharField(
        label=_("Rate limit per recipient domain (messages per second)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One domain per line, with the messages per second for all senders together, for example "
            "gmail.com 20. Leave empty for no limit."
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
            "cap_messages": _("Frequency cap (messages per contact)"),
            "cap_days": _("Cap period (days)"),
            "may_write_customers": _("Send to customers without recorded consent"),
            "late_start_minutes": _("Late-start limit (minutes)"),
            "per_second": _("Total rate limit (messages per second)"),
        }
        help_texts = {
            "cap_messages": _("Campaigns and letters together. Contacts who reached the cap are skipped."),
            "cap_days": "",
            "late_start_minutes": _(
                "A send that would start later than this, or that was interrupted for longer while the "
                "system was down, waits for a decision."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = self.instance.domain_limits
        self.initial["domain_limits"] = "\n".join(f"{domain} {rate:g}" for domain, rate in sorted(limits.items()))
        self.helper = bare_helper()

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
            if not domain or not 0 < limits[domain] <= MAX_PER_SECOND:
                words = gettext(
                    "Line %(number)s: enter a domain and the messages per second, for example gmail.com 20."
                )
                raise forms.ValidationError(words % {"number": number})
        return limits


class RetentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """How long what is known of single people's reactions and receipts is kept."""

    class Meta:
        model = SendingPolicy
        fields = ("keep_events_months", "keep_ledger_months")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
