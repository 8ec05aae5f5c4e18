"""Forms of the campaign's steps."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.engine.utm import NAMES as UTM_NAMES
from campaigns.engine.utm import utm_defaults
from campaigns.models.authoring import Campaign
from campaigns.models.identities import SendingIdentity
from campaigns.models.sends import Experiment, Send, Variant
from campaigns.services.content import Content
from core.errors import DomainError
from core.zones import zone_names
from crm.consent.models import ConsentTopic
from crm.contacts.email_addresses import normalize_address
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment

TEST_ADDRESSES = 10


def bare() -> FormHelper:
    """Fields only: the page brings the form element and its button."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the campaign is for, to whom it goes, and what it promises them."""

    class Meta:
        model = Campaign
        fields = ("name", "objective", "segment", "proposition_version")
        help_texts = {
            "objective": _("What should be different afterwards, in one sentence."),
            "segment": _("Who it goes to, less those who cannot be written to."),
            "proposition_version": _("The promise this campaign carries. It is kept, and later shown as its evidence."),
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
        self.helper = bare()


def proposition_label(version: PropositionVersion) -> str:
    return f"{version.proposition.segment}: {version.headline} (v{version.number})"


class SetupForm(forms.ModelForm):  # type: ignore[type-arg]
    """From whom it comes, about which subject of consent, how it is tracked and how fast it goes."""

    has_utm = forms.BooleanField(
        label=_("Tags for web analytics (UTM) on every link"), required=False,
        help_text=_("So that Google Analytics or Matomo names this campaign. An address keeps the tags its author set; "
                    "with utm=off in it, it gets none."),
    )  # fmt: skip
    utm_source = forms.CharField(label=_("Source"), required=False, max_length=100)
    utm_medium = forms.CharField(label=_("Medium"), required=False, max_length=100)
    utm_campaign = forms.CharField(label=_("Campaign"), required=False, max_length=100)
    utm_term = forms.CharField(label=_("Term"), required=False, max_length=100)
    utm_content = forms.CharField(
        label=_("Content"), required=False, max_length=100, help_text=_("Empty: the letter of the variant.")
    )

    class Meta:
        model = Send
        fields = ("identity", "reply_address", "topic", "is_tracked", "per_second")
        help_texts = {
            "reply_address": _("Where answers go. Empty: the sender's own."),
            "topic": _("Only people who agreed to hear about this receive it."),
            "is_tracked": _(
                "Off is privacy mode: links say nothing about who got them and there is no pixel. Clicks are then "
                "counted per variant, without people, and the test is decided by purchases."
            ),
            "per_second": _("The most to send in a second. Empty: as fast as the mail server takes them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        identities = SendingIdentity.objects.active() | SendingIdentity.objects.filter(pk=self.instance.identity_id)
        self.fields["identity"].queryset = identities.order_by("name")  # type: ignore[attr-defined]
        self.fields["identity"].empty_label = None  # type: ignore[attr-defined]
        self.fields["topic"].queryset = ConsentTopic.objects.filter(archived_at=None)  # type: ignore[attr-defined]
        self.fields["topic"].empty_label = gettext("Any subject")  # type: ignore[attr-defined]
        self.fields["per_second"].min_value = 1  # type: ignore[attr-defined]
        self.initial["has_utm"] = bool(self.instance.utm)
        for name, value in utm_defaults(self.instance).items():
            self.initial[f"utm_{name}"] = (self.instance.utm or {}).get(name, "")
            if value:
                self.fields[f"utm_{name}"].help_text = gettext("Empty: %(default)s.") % {"default": value}
        self.helper = bare()
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


class ContentForm(forms.Form):
    """One arm's words. `started_from` says which wording the editor was opened with."""

    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    preheader = forms.CharField(
        label=_("Preview text"), max_length=250, required=False,
        help_text=_("The line inboxes show after the subject."),
    )  # fmt: skip
    body = forms.CharField(label=_("Content (MJML)"), required=False, strip=False, widget=forms.Textarea)
    text = forms.CharField(label=_("Plain text"), required=False, strip=False, widget=forms.Textarea)
    started_from = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, variant: Variant) -> "ContentForm":
        content = Content.of(variant)
        return cls(
            initial={
                "subject": content.subject,
                "preheader": content.preheader,
                "body": content.body,
                "text": content.text,
                "started_from": content.mark,
            }
        )

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_preheader(self) -> str:
        return one_line(self.cleaned_data["preheader"])

    def content(self) -> Content:
        data = self.cleaned_data
        return Content(
            data["subject"], data["preheader"], data["body"].replace("\r\n", "\n"), data["text"].replace("\r\n", "\n")
        )


def one_line(text: str) -> str:
    """A header is one line: line ends become spaces."""
    return " ".join(text.split())


class OfferForm(forms.ModelForm):  # type: ignore[type-arg]
    """What one arm offers, under which sender name, and how much later it leaves."""

    class Meta:
        model = Variant
        fields = ("offer", "from_name", "delay_minutes")
        help_texts = {
            "offer": _("Say it in a few words. In the content it stands wherever the field “offer” is."),
            "from_name": _("Empty: the sender's own name."),
            "delay_minutes": _("Minutes after the first variant, to test the time of sending."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare()

    def clean_offer(self) -> str:
        return one_line(self.cleaned_data["offer"])

    def clean_from_name(self) -> str:
        return one_line(self.cleaned_data["from_name"])

    def clean_delay_minutes(self) -> int:
        minutes: int = self.cleaned_data["delay_minutes"]
        if minutes > 7 * 24 * 60:
            raise forms.ValidationError(gettext("A week at most."))
        return minutes


class TestForm(forms.Form):
    """The test: what is expected, how it is measured, how many people it takes, and each arm's share."""

    __test__ = False

    hypothesis = forms.CharField(
        label=_("Hypothesis"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you expect to happen, and why: “A question in the subject brings more clicks, because…”"),
    )  # fmt: skip
    metric = forms.ChoiceField(label=_("Measured by"), required=False)
    horizon = forms.IntegerField(
        label=_("Read after so many recipients"), required=False, min_value=2, max_value=50_000_000
    )
    horizon_days = forms.IntegerField(label=_("and so many days at most"), min_value=1, max_value=90, initial=7)

    def __init__(self, *args: Any, variants: list[Variant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metric = self.fields["metric"]
        metric.choices = [("", gettext("Choose…")), *Experiment.Metric.choices]  # type: ignore[attr-defined]
        self.variants = variants
        for arm in variants:
            self.fields[f"weight_{arm.pk}"] = forms.IntegerField(
                label=gettext("Share of %(label)s, in percent") % {"label": arm.label},
                min_value=0,
                max_value=100,
                initial=arm.weight,
            )
        self.helper = bare()
        shares = [Column(f"weight_{arm.pk}") for arm in variants]
        self.helper.layout = Layout(
            "hypothesis", Row(Column("metric"), Column("horizon"), Column("horizon_days")), Row(*shares)
        )

    def weights(self) -> dict[int, int]:
        return {arm.pk: self.cleaned_data[f"weight_{arm.pk}"] for arm in self.variants}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        shares = [data.get(f"weight_{arm.pk}") for arm in self.variants]
        if None not in shares and sum(share or 0 for share in shares) != 100:
            raise forms.ValidationError(gettext("The shares add up to 100 percent."), code="shares")
        return data


class WallClockField(forms.DateTimeField):
    """What a clock on the wall shows, whatever the zone: the zone is another field's to say."""

    def to_python(self, value: object | None) -> datetime | None:
        if value in self.empty_values:
            return None
        for pattern in self.input_formats or ():
            with suppress(ValueError):
                return datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


NOT_CONFIRMED = _("How many people it goes to was not confirmed. Look at the number and confirm it.")
COUNT_NOT_CONFIRMED = dict.fromkeys(("required", "invalid", "min_value"), NOT_CONFIRMED)


class CountForm(forms.Form):
    """The number of recipients the person was shown and agreed to."""

    expected = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=COUNT_NOT_CONFIRMED)

    @classmethod
    def of(cls, data: Any) -> int:
        """The number confirmed. Raises DomainError `count_not_confirmed` without one."""
        form = cls(data)
        if not form.is_valid():
            raise DomainError(str(form.errors["expected"][0]), code="count_not_confirmed")
        return int(form.cleaned_data["expected"])


class LaunchForm(CountForm):
    """Now, or at a time said in a named zone; for exactly the people that were shown."""

    when = forms.ChoiceField(choices=[("now", _("Now")), ("later", _("At a time"))], initial="now")
    at = WallClockField(
        label=_("Day and time"), required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["zone"]
        zone.choices = [(name, name.replace("_", " ")) for name in zone_names()]  # type: ignore[attr-defined]
        zone.initial = timezone.get_current_timezone_name()
        tomorrow = (timezone.localtime() + timedelta(days=1)).replace(hour=9, minute=0)
        self.fields["at"].initial = f"{tomorrow:%Y-%m-%dT%H:%M}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == "later" and not data.get("at") and "at" not in self.errors:
            self.add_error("at", gettext("Say when."))
        said, zone = data.get("at"), data.get("zone")
        if data.get("when") == "later" and said and zone and not exists_in(said, zone):
            message = gettext("On that day the clocks in %(zone)s skip this time. Choose an earlier or a later one.")
            self.add_error("at", message % {"zone": zone})
        return data

    def moment(self) -> datetime | None:
        """The instant that was said, on the wall clock of the chosen zone, or None for now."""
        if self.cleaned_data["when"] == "now":
            return None
        said: datetime = self.cleaned_data["at"]
        return said.replace(tzinfo=ZoneInfo(self.zone_name()))

    def zone_name(self) -> str:
        return str(self.cleaned_data["zone"] or "UTC")


def exists_in(said: datetime, zone: str) -> bool:
    """Whether the clocks of `zone` ever show this; in spring they skip an hour, and beyond the calendar nothing is."""
    try:
        there = said.replace(tzinfo=ZoneInfo(zone))
        return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == said
    except OverflowError:
        return False


class TestSendForm(forms.Form):
    """Colleagues' addresses a test message goes to."""

    __test__ = False

    addresses = forms.CharField(label=_("Send a test to"), max_length=1000)
    contact = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_addresses(self) -> list[str]:
        parts = list(self.cleaned_data["addresses"].replace(";", ",").replace("\n", ",").split(","))
        found = list(dict.fromkeys(normalize_address(part) for part in parts if part.strip()))
        if not found:
            raise forms.ValidationError(gettext("Write at least one address."))
        if len(found) > TEST_ADDRESSES:
            raise forms.ValidationError(gettext("Ten addresses at most."))
        return found


class ConcludeForm(forms.Form):
    """What a test taught, in the words the next campaign starts from."""

    learning = forms.CharField(
        label=_("What we learnt"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences a colleague will understand in a year."),
    )  # fmt: skip
    chosen = forms.ChoiceField(label=_("Go on with"), required=False)

    def __init__(self, *args: Any, leaders: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(leaders) > 1:
            chosen = self.fields["chosen"]
            chosen.choices = [("", gettext("No winner")), *((label, label) for label in leaders)]  # type: ignore[attr-defined]
        else:
            del self.fields["chosen"]
        self.helper = bare()
