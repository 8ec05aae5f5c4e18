"""The form of an entry of spend."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.company.models import Company
from core.forms import bare_helper
from crm.channels.models import Channel
from marketing.spend.models import SpendEntry


class SpendForm(forms.Form):
    """One entry."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none())
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    amount = forms.DecimalField(label=_("Amount"), min_value=0, max_digits=14, decimal_places=2)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", label=_("Currency"), help_text=_("Three capital letters, for example EUR.")
    )
    rate = forms.DecimalField(
        label=_("Exchange rate"),
        max_digits=18,
        decimal_places=8,
        required=False,
        help_text=_("Only for another currency: the value of one unit in our currency."),
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        channel = self.fields["channel"]
        assert isinstance(channel, forms.ModelChoiceField)  # noqa: S101
        channel.queryset = Channel.objects.active()
        self.fields["currency"].initial = Company.get().currency

    @staticmethod
    def values_of(entry: SpendEntry) -> dict[str, Any]:
        names = ("channel", "day", "amount", "currency", "note")
        rate = entry.rate if entry.currency != Company.get().currency else None
        return {name: getattr(entry, name) for name in names} | {"rate": rate}
