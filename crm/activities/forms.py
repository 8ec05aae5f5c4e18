"""The short forms of a salesperson's day: a note, a new customer, details of a customer, an assignment."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from crm.activities.models import Note
from crm.contacts.email_addresses import normalize_address


class NoteForm(forms.Form):
    """A remark, a call or a meeting."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Note.Kind.choices, initial=Note.Kind.NOTE)
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


def parse_tastes(text: str) -> list[str]:
    """Words between commas, each once, in the order typed; at most twenty of sixty letters."""
    words = (" ".join(word.split())[:60] for word in text.replace(";", ",").replace("\n", ",").split(","))
    return list(dict.fromkeys(word for word in words if word))[:20]


class QuickAddForm(forms.Form):
    """A new customer in twenty seconds: a name, a way to reach them, what they like."""

    name = forms.CharField(label=_("Name"), max_length=200)
    reach = forms.CharField(label=_("E-mail or phone"), max_length=254)
    tastes = forms.CharField(
        label=_("Tastes"), max_length=600, required=False, help_text=_("Separated by commas: running, tea, design")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_reach(self) -> str:
        text: str = self.cleaned_data["reach"].strip()
        if "@" in text:
            normalize_address(text)
        elif sum(char.isdigit() for char in text) < 6:
            raise ValidationError(_("Enter an e-mail address or a phone number with at least six digits."))
        return text

    def fields_of_contact(self) -> dict[str, Any]:
        """First and last name, address or phone, tastes: what `contact_create` takes."""
        first, _space, last = self.cleaned_data["name"].strip().partition(" ")
        reach = self.cleaned_data["reach"]
        channel = {"email": reach} if "@" in reach else {"phone": reach}
        tastes = parse_tastes(self.cleaned_data["tastes"])
        return {"first_name": first[:100], "last_name": last.strip()[:100], "tastes": tastes, **channel}


class CustomerDetailsForm(forms.Form):
    """What a salesperson learns about a customer over time."""

    tastes = forms.CharField(label=_("Tastes"), max_length=1300, required=False)
    looking_for = forms.CharField(label=_("Looking for"), max_length=300, required=False)
    aspirations = forms.CharField(label=_("Aspirations"), max_length=300, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    birth_date = forms.DateField(
        label=_("Birthday"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def clean_tastes(self) -> list[str]:
        return parse_tastes(self.cleaned_data["tastes"])


class MiniListAssignForm(forms.Form):
    """Who looks after the chosen customers from now on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        people = [(person.public_id, person.full_name) for person in User.objects.salespeople()]
        nobody = ("nobody", _now("No owner: the customers become unassigned"))
        choices = [("", _now("Choose…")), *people, nobody]
        self.fields["owner"] = forms.ChoiceField(label=_now("Salesperson"), choices=choices)
