"""The form of an order."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout, Submit
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.channels.models import Channel
from crm.contacts.forms import pair


class OrderForm(forms.Form):
    """One order typed by hand, with one line; longer ones come by file."""

    number = forms.CharField(label=_("Order number"), max_length=120)
    placed_at = forms.DateTimeField(
        label=_("Order date"),
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
    unit_price = forms.DecimalField(label=_("Unit price"), max_digits=12, decimal_places=4, min_value=Decimal(0))
    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = Channel.objects.active()  # type: ignore[attr-defined]
        self.fields["placed_at"].initial = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        self.helper = FormHelper()
        self.helper.layout = Layout(
            pair("number", "placed_at"),
            "description",
            pair("quantity", "unit_price"),
            "channel",
            Div(Submit("save", _("Record order")), css_class="c-form-actions"),
        )

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if not quantity:
            raise forms.ValidationError(_("A line needs a quantity."))
        return quantity

    def clean_placed_at(self) -> datetime:
        placed: datetime = self.cleaned_data["placed_at"]
        return placed
