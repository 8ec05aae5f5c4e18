"""Forms of the campaign's steps."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.campaigns.models import Campaign
from core.forms import bare_helper
from crm.consent.models import ConsentTopic
from delivery.senders.models import SendingIdentity
from delivery.sends.forms import one_line
from delivery.sends.models import Send, Variant
from delivery.sends.utm import NAMES as UTM_NAMES
from delivery.sends.utm import utm_defaults
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the campaign is for, to whom it goes, and what it promises them."""

    class Meta:
        model = Campaign
        fields = ("name", "objective", "segment", "proposition_version")
        help_texts = {
            "objective": _("What should be different afterwards, in one sentence."),
            "segment": _("The contacts who will receive the campaign. Contacts who cannot receive e-mail are skipped."),
            "proposition_version": _("The value proposition of this campaign. The result is added as evidence."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen, version = self.instance.segment_id, self.instance.proposition_version_id
        segments = Segment.objects.active() | Segment.objects.filter(pk=chosen)
        self.fields["segment"].queryset = segments.order_by("name")  # type: ignore[attr-defined]
        versions = PropositionVersion.objects.filter(
            state=PropositionVersion.State.IN_FORCE, proposition__archived_at=None
        ) | PropositionVersion.objects.filter(pk=version)
        field = self.fields["proposition_version"]
        field.queryset = versions.select_related("proposition__segment").order_by("proposition__name")  # type: ignore[attr-defined]
        field.label_from_instance = proposition_label  # type: ignore[attr-defined]
        field.empty_label = gettext("None")  # type: ignore[attr-defined]
        self.fields["segment"].empty_label = gettext("Choose a segment")  # type: ignore[attr-defined]
        self.helper = bare_helper()


def proposition_label(version: PropositionVersion) -> str:
    return f"{version.proposition.segment}: {version.headline} (v{version.number})"


class SetupForm(forms.ModelForm):  # type: ignore[type-arg]
    """From whom it comes, about which subject of consent, how it is tracked and how fast it goes."""

    has_utm = forms.BooleanField(
        label=_("Add UTM tags to links (web analytics)"), required=False,
        help_text=_("Lets Google Analytics or Matomo recognise this campaign. A link with tags of its own "
                    "keeps them. A link with utm=off gets no tags."),
    )  # fmt: skip
    utm_source = forms.CharField(label=_("Source"), required=False, max_length=100)
    utm_medium = forms.CharField(label=_("Medium"), required=False, max_length=100)
    utm_campaign = forms.CharField(label=_("Campaign"), required=False, max_length=100)
    utm_term = forms.CharField(label=_("Term"), required=False, max_length=100)
    utm_content = forms.CharField(
        label=_("Content"), required=False, max_length=100, help_text=_("Leave empty to use the letter of the variant.")
    )

    class Meta:
        model = Send
        fields = ("identity", "reply_address", "topic", "is_tracked", "per_second")
        help_texts = {
            "reply_address": _("Where replies arrive. Leave empty to use the sender's reply address."),
            "topic": _("Only contacts with consent for this topic receive the campaign."),
            "is_tracked": _(
                "When off, privacy mode applies: links are not personal and there is no tracking pixel. "
                "Clicks are counted per variant, without contacts, and purchases decide the test."
            ),
            "per_second": _("Maximum for this campaign. Leave empty for no limit."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        identities = SendingIdentity.objects.active() | SendingIdentity.objects.filter(pk=self.instance.identity_id)
        self.fields["identity"].queryset = identities.order_by("name")  # type: ignore[attr-defined]
        self.fields["identity"].empty_label = None  # type: ignore[attr-defined]
        self.fields["topic"].queryset = ConsentTopic.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["topic"].empty_label = gettext("Any topic")  # type: ignore[attr-defined]
        self.fields["per_second"].min_value = 1  # type: ignore[attr-defined]
        self.initial["has_utm"] = bool(self.instance.utm)
        for name, value in utm_defaults(self.instance).items():
            self.initial[f"utm_{name}"] = (self.instance.utm or {}).get(name, "")
            if value:
                self.fields[f"utm_{name}"].help_text = gettext("Leave empty to use %(default)s.") % {"default": value}
        self.helper = bare_helper()
        self.helper.layout = Layout(
            "identity",
            "reply_address",
            "topic",
            "per_second",
            "is_tracked",
            "has_utm",
            Row(Column("utm_source"), Column("utm_medium"), Column("utm_campaign")),
            Row(Column("utm_content"), Column("utm_term")),
        )

    def clean_per_second(self) -> int | None:
        pace: int | None = self.cleaned_data["per_second"]
        if pace == 0:
            raise forms.ValidationError(gettext("At least one a second."))
        return pace

    def clean(self) -> dict[str, Any] | None:
        for name in UTM_NAMES:
            value = self.cleaned_data.get(f"utm_{name}", "")
            if "{" in value or "}" in value:
                self.add_error(f"utm_{name}", gettext("Merge fields do not work here: it is the same for everybody."))
        return self.cleaned_data

    def utm(self) -> dict[str, str]:
        """What `Send.utm` holds: all five names, empty for the default; {} for no tags."""
        if not self.cleaned_data["has_utm"]:
            return {}
        return {name: one_line(self.cleaned_data[f"utm_{name}"]) for name in UTM_NAMES}


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]
    """What one arm offers, under which sender name, and how much later it leaves."""

    class Meta:
        model = Variant
        fields = ("offer", "from_name", "delay_minutes")
        help_texts = {
            "offer": _("A few words. The merge field “offer” inserts this text into the content."),
            "from_name": _("Leave empty to use the sender's name."),
            "delay_minutes": _("Minutes after the first variant, to test the time of sending."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()

    def clean_offer(self) -> str:
        return one_line(self.cleaned_data["offer"])

    def clean_from_name(self) -> str:
        return one_line(self.cleaned_data["from_name"])

    def clean_delay_minutes(self) -> int:
        minutes: int = self.cleaned_data["delay_minutes"]
        if minutes > 7 * 24 * 60:
            raise forms.ValidationError(gettext("A week at most."))
        return minutes
