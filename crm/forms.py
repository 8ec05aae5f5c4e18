"""What people type about customers and orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Div, Layout, Row, Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.zones import zone_names
from crm.models import Channel, Contact, Note

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
        self.fields["time_zone"].choices = [("", _("As the company")), *((name, name) for name in zone_names())]  # type: ignore[attr-defined]
        self.fields["channel"].queryset = Channel.objects.active()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["tastes"] = ", ".join(self.instance.tastes)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            _pair("first_name", "last_name"),
            _pair("email", "phone"),
            _pair("city", "region"),
            _pair("country", "language"),
            _pair("sex", "birth_date"),
            "profession",
            "tastes",
            "looking_for",
            "aspirations",
            _pair("channel", "time_zone"),
            Div(Submit("save", save_label), css_class="c-form-actions"),
        )

    def clean_tastes(self) -> list[str]:
        words = [word.strip()[:60] for word in self.cleaned_data["tastes"].split(",")]
        return list(dict.fromkeys(word for word in words if word))[:20]

    def clean_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["birth_date"]
        if born and not date(1900, 1, 1) <= born <= timezone.localdate():
            raise forms.ValidationError(_("This is not a date of birth."))
        return born

    def _post_clean(self) -> None:
        """The service writes the person; the form leaves the instance alone."""


def _pair(first: str, second: str) -> Row:
    return Row(Column(first, css_class="col-sm-6"), Column(second, css_class="col-sm-6"))


class NoteForm(forms.Form):
    """A remark, a call or a meeting."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Note.Kind.choices, initial=Note.Kind.NOTE)
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class OrderForm(forms.Form):
    """One order typed by hand, with one line; longer ones come by file."""

    number = forms.CharField(label=_("Order number"), max_length=120)
    placed_at = forms.DateTimeField(
        label=_("Placed"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    description = forms.CharField(label=_("Product"), max_length=200)
    quantity = forms.DecimalField(
        label=_("Quantity"),
        max_digits=10,
        decimal_places=3,
        initial=Decimal(1),
        help_text=_("Below zero for a return."),
    )
    unit_price = forms.DecimalField(label=_("Price of one"), max_digits=12, decimal_places=4, min_value=Decimal(0))
    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = Channel.objects.active()  # type: ignore[attr-defined]
        self.fields["placed_at"].initial = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        self.helper = FormHelper()
        self.helper.layout = Layout(
            _pair("number", "placed_at"),
            "description",
            _pair("quantity", "unit_price"),
            "channel",
            Div(Submit("save", _("Add the order")), css_class="c-form-actions"),
        )

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if not quantity:
            raise forms.ValidationError(_("A line needs a quantity."))
        return quantity

    def clean_placed_at(self) -> datetime:
        placed: datetime = self.cleaned_data["placed_at"]
        return placed
