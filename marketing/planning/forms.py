"""The form of a target."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from core.kpis import Unit, kpis


class TargetForm(forms.Form):
    """What a figure should be over some days. Rates are typed in percent."""

    kpi = forms.ChoiceField(label=_("Key figure"))
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    value = forms.DecimalField(
        label=_("Target"),
        max_digits=14,
        decimal_places=2,
        help_text=_("CVR in percent. Money in the company's currency."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        field = self.fields["kpi"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        ratios_first = sorted((kpi for kpi in kpis if kpi.has_targets), key=lambda kpi: not kpi.denominator)
        field.choices = [(kpi.code, kpi.name) for kpi in ratios_first]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("value") is not None and data.get("kpi") and kpis[data["kpi"]].unit is Unit.RATIO:
            data["value"] = data["value"] / 100
        return data
