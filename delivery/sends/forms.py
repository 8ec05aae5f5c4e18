"""Forms of a launch, of a number that is confirmed, and of a test message."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.zones import zone_names
from crm.contacts.email_addresses import normalize_address

MAX_TEST_ADDRESSES = 10


def one_line(text: str) -> str:
    """A header is one line: line ends become spaces."""
    return " ".join(text.split())


class WallClockField(forms.DateTimeField):
    """What a clock on the wall shows, whatever the zone: the zone is another field's to say."""

    def to_python(self, value: object | None) -> datetime | None:
        if value in self.empty_values:
            return None
        for pattern in self.input_formats or ():
            with suppress(ValueError):
                return datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


NOT_CONFIRMED = _("The number of recipients was not confirmed. Check the number and confirm.")
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


class RestoredForm(CountForm):
    """What becomes of the contacts who may have received a restored send: `decision` unknown, or send."""

    decision = forms.ChoiceField(choices=[("unknown", "unknown"), ("send", "send")])

    @classmethod
    def decided(cls, data: Any) -> tuple[bool, int]:
        """Whether they become unknown, and how many were shown. Raises DomainError `not_decided`."""
        form = cls(data)
        if not form.is_valid():
            message = gettext("This was restored from a backup. Choose what happens to contacts who may have it.")
            raise DomainError(message, code="not_decided")
        return form.cleaned_data["decision"] == "unknown", int(form.cleaned_data["expected"])


class LaunchForm(CountForm):
    """Now, or at a time said in a named zone; for exactly the people that were shown."""

    when = forms.ChoiceField(choices=[("now", _("Now")), ("later", _("Schedule for later"))], initial="now")
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
            self.add_error("at", gettext("Enter a date and time."))
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

    addresses = forms.CharField(label=_("Send a test message to"), max_length=1000)
    contact = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_addresses(self) -> list[str]:
        parts = list(self.cleaned_data["addresses"].replace(";", ",").replace("\n", ",").split(","))
        found = list(dict.fromkeys(normalize_address(part) for part in parts if part.strip()))
        if not found:
            raise forms.ValidationError(gettext("Write at least one address."))
        if len(found) > MAX_TEST_ADDRESSES:
            raise forms.ValidationError(gettext("Ten addresses at most."))
        return found
