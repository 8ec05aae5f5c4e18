"""The form of a sender."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from crm.brands.models import Brand
from delivery.senders.models import SendingIdentity
from delivery.sends.forms import one_line
from delivery.transports.models import Provider


class IdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name and address to send from, and the providers that carry its messages, in order."""

    class Meta:
        model = SendingIdentity
        fields = (
            "brand",
            "name",
            "from_name",
            "from_address",
            "reply_address",
            "bounce_address",
            "per_second",
        )
        help_texts = {
            "name": _("The name your colleagues see when they choose a sender."),
            "from_name": _("The name that recipients see."),
            "reply_address": _("Leave empty to receive replies at the sender address."),
            "bounce_address": _(
                "Undelivered e-mail returns here. The mailbox must also accept bounces+anything@… "
                "addresses. Leave empty to use the sender address."
            ),
            "per_second": _("Maximum for all campaigns together. Leave empty for no limit."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].empty_label = None  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.fields["brand"].initial = Brand.objects.first()
        used = [use.provider_id for use in self.instance.uses.order_by("position")] if self.instance.pk else []
        labels = (_("Main provider"), _("Backup provider"), _("Second backup provider"))
        for place, label in enumerate(labels):
            self.fields[f"provider_{place + 1}"] = forms.ModelChoiceField(
                Provider.objects.active(),
                label=label,
                required=False,
                initial=used[place] if place < len(used) else None,
                empty_label=_("Default mail server") if place == 0 else _("No further provider"),
            )
        self.helper = bare_helper()

    def clean_from_name(self) -> str:
        return one_line(self.cleaned_data["from_name"])

    def clean_per_second(self) -> int | None:
        pace: int | None = self.cleaned_data["per_second"]
        if pace == 0:
            raise forms.ValidationError(gettext("At least one a second."))
        return pace

    @property
    def providers(self) -> list[Provider]:
        """Those chosen, in order."""
        chosen = (self.cleaned_data.get(f"provider_{place}") for place in (1, 2, 3))
        return [provider for provider in chosen if provider is not None]
