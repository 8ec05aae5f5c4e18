"""The form of a contact."""

from datetime import date
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Layout, Row, Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from core.zones import zone_names
from crm.channels.models import Channel
from crm.contacts.lifecycle import settable_stages
from crm.contacts.models import Contact

if TYPE_CHECKING:
    ContactModelForm = forms.ModelForm[Contact]
else:
    ContactModelForm = forms.ModelForm


class ContactForm(ContactModelForm):
    """Who a person is. The address is checked by the service that writes it."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    tastes = forms.CharField(
        label=_("Tastes"), max_length=600, required=False, help_text=_("Separated by commas: coffee, gardening.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Unknown")), ("en", "English"), ("es", "Español")]
    )

    class Meta:
        model = Contact
        fields = (
            "first_name", "last_name", "email", "phone", "sex", "birth_date", "city", "region", "country", "profession",
            "tastes", "looking_for", "aspirations", "language", "time_zone", "channel",
        )  # fmt: skip
        widgets = {"birth_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, save_label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [("", _("Same as the company")), *((name, name) for name in zone_names())]  # type: ignore[attr-defined]
        self.fields["channel"].queryset = Channel.objects.active()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["tastes"] = ", ".join(self.instance.tastes)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            pair("first_name", "last_name"),
            pair("email", "phone"),
            pair("city", "region"),
            pair("country", "language"),
            pair("sex", "birth_date"),
            "profession",
            "tastes",
            "looking_for",
            "aspirations",
            pair("channel", "time_zone"),
            Div(Submit("save", save_label), css_class="c-form-actions"),
        )

    def clean_tastes(self) -> list[str]:
        words = [word.strip()[:60] for word in self.cleaned_data["tastes"].split(",")]
        return list(dict.fromkeys(word for word in words if word))[:20]

    def clean_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["birth_date"]
        if born and not date(1900, 1, 1) <= born <= timezone.localdate():
            raise forms.ValidationError(_("This date of birth is not valid."))
        return born

    def _post_clean(self) -> None:
        """The service writes the person; the form leaves the instance alone."""


class StageForm(forms.Form):
    """Where a contact stands in the life cycle."""

    stage = forms.ChoiceField(label=_("Stage"))

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"stage": contact.stage}, **kwargs})
        self.helper = bare_helper()
        stages = [(str(stage), stage.label) for stage in settable_stages(contact)]
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]


def pair(first: str, second: str) -> Row:
    """Two fields beside each other."""
    return Row(Column(first, css_class="col-sm-6"), Column(second, css_class="col-sm-6"))
