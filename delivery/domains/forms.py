"""Forms of sending domains."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from delivery.domains.models import DkimKey, SendingDomain, WarmUp

SELECTOR = re.compile(r"^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$")


class DomainForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who signs for a domain: our keys, a provider's, or both."""

    class Meta:
        model = SendingDomain
        fields = ("is_signed", "provider_selectors")
        help_texts = {
            "is_signed": _("Signs every message with our key. Leave off if only the provider signs."),
            "provider_selectors": _("If the provider signs for you: the names before ._domainkey, for example s1, s2."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()

    def clean_provider_selectors(self) -> str:
        text: str = self.cleaned_data["provider_selectors"]
        names = [name for name in text.replace(",", " ").lower().split() if name]
        if any(not SELECTOR.match(name) for name in names):
            raise forms.ValidationError(gettext("Enter only the selectors, for example s1, s2."))
        return ", ".join(names)


class WarmUpForm(forms.ModelForm):  # type: ignore[type-arg]
    """The curve of a warm-up."""

    class Meta:
        model = WarmUp
        fields = ("is_on", "first", "growth", "goal", "opens_at")
        labels = {
            "is_on": _("Send a little more each day"),
            "first": _("Messages on the first day"),
            "growth": _("Daily growth factor"),
            "goal": _("Target volume per day"),
            "opens_at": _("Daily start hour"),
        }
        help_texts = {
            "growth": _("1.5 means 50 percent more than on the previous day."),
            "goal": _("After this volume there is no daily limit."),
            "opens_at": _("0 to 23, in the company's time zone. The rest of a campaign continues at this hour."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("goal") and cleaned.get("first") and cleaned["goal"] < cleaned["first"]:
            self.add_error("goal", gettext("More than on the first day."))
        return cleaned


class KeyForm(forms.Form):
    algorithm = forms.ChoiceField(choices=DkimKey.Algorithm.choices)
