"""The form of a new API token."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tokens.models import ApiToken
from accounts.tokens.scopes import scopes
from core.forms import bare_helper


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(label=_("Permissions"), widget=forms.CheckboxSelectMultiple)
    expires_on = forms.DateField(
        label=_("Expires on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The last day, in your time zone. Leave empty for no expiry date."),
    )

    class Meta:
        model = ApiToken
        fields = ["name"]
        help_texts = {"name": _("The program that uses the token, for example “Monthly spreadsheet”.")}

    field_order = ["name", "scopes", "expires_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        choices: Any = self.fields["scopes"]
        choices.choices = [(scope.code, f"{scope.title} ({scope.code}). {scope.explanation}") for scope in scopes]

    def expires_at(self) -> datetime | None:
        """The end of the chosen day in the person's zone."""
        day: date | None = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day, time(23, 59, 59))) if day else None
