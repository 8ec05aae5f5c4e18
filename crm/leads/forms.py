"""The forms of a lead."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from core.forms import bare_helper
from crm.channels.models import Channel
from crm.leads.models import Lead


class LeadFields(forms.Form):
    """A lead, without its person."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none())
    occurred_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    interest = forms.CharField(label=_("Interest"), max_length=300, required=False)
    attended_by = forms.ChoiceField(label=_("Attended by"), choices=Lead.AttendedBy.choices)
    owner = forms.ModelChoiceField(
        label=_("Salesperson"), queryset=User.objects.none(), required=False, empty_label=_("Not assigned")
    )
    content_format = forms.ChoiceField(
        label=_("Content type"), choices=[("", "–"), *Lead.Content.choices], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        channel, owner = self.fields["channel"], self.fields["owner"]
        assert isinstance(channel, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101
        channel.queryset, owner.queryset = Channel.objects.active(), User.objects.salespeople()
        self.fields["occurred_at"].initial = timezone.localtime


class LeadCreateForm(LeadFields):
    """A lead typed in, with who it is about."""

    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    field_order = ["email", "phone", "first_name", "last_name", "city", "channel", "occurred_at", "interest"]
