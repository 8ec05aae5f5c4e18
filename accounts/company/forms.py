"""The form of the company's settings."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.company.currency_lock import currency_is_locked
from accounts.company.models import Company
from core.forms import bare_helper
from core.zones import zone_names


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    website = forms.URLField(label=capfirst(_("website")), max_length=200, required=False, assume_scheme="https")
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_(
            "The time zone decides when a day begins and ends in the figures. After a change, past days are "
            "recalculated in the new time zone, so daily figures can shift by a few hours. Nothing is lost."
        ),
    )

    class Meta:
        model = Company
        fields = ["name", "time_zone", "currency", "language", "week_starts_on", "website", "postal_address"]
        help_texts = {
            "language": _("For users who have not chosen a language, and for e-mails to contacts without a language."),
            "postal_address": _("Shown at the foot of every e-mail. Required by law in many countries."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["name"].required = True
        zone: Any = self.fields["time_zone"]
        zone.choices = [(name, name.replace("_", " ")) for name in zone_names()]
        currency = self.fields["currency"]
        if currency_is_locked():
            currency.disabled = True
            currency.help_text = _("Amounts are already saved in this currency, so the currency cannot change.")
        else:
            currency.help_text = _(
                "Three letters, for example EUR or USD. The currency cannot change after the first amount is saved."
            )
