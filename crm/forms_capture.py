"""What people type about leads and forms."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm.models import Channel, ConsentTopic, Lead, LeadForm


def bare_helper() -> FormHelper:
    """Fields only: the template writes the form element and its buttons."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


class LeadFields(forms.Form):
    """A lead, without its person."""

    channel = forms.ModelChoiceField(label=_("Channel"), queryset=Channel.objects.none())
    occurred_at = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    interest = forms.CharField(label=_("Interest"), max_length=300, required=False)
    attended_by = forms.ChoiceField(label=_("Attended by"), choices=Lead.AttendedBy.choices)
    owner = forms.ModelChoiceField(
        label=_("Salesperson"), queryset=User.objects.none(), required=False, empty_label=_("Nobody yet")
    )
    content_format = forms.ChoiceField(
        label=_("Content that raised it"), choices=[("", "–"), *Lead.Content.choices], required=False
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


class LeadFormForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a public form."""

    fields_asked = forms.MultipleChoiceField(
        label=_("Also ask for"),
        choices=LeadForm.Field.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The e-mail is always asked."),
    )

    class Meta:
        model = LeadForm
        fields = [
            "name", "title", "intro", "channel", "attended_by", "content_format", "topic", "wording", "double_opt_in",
            "thank_you",
        ]  # fmt: skip
        widgets = {
            "intro": forms.Textarea(attrs={"rows": 2}),
            "wording": forms.Textarea(attrs={"rows": 2}),
            "thank_you": forms.Textarea(attrs={"rows": 2}),
        }

    field_order = [
        "name", "title", "intro", "channel", "fields_asked", "topic", "wording", "double_opt_in", "thank_you",
        "attended_by", "content_format",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["fields_asked"].initial = self.instance.fields
        channel, topic = self.fields["channel"], self.fields["topic"]
        assert isinstance(channel, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(topic, forms.ModelChoiceField)  # noqa: S101
        channel.queryset = Channel.objects.active()
        topic.queryset, topic.empty_label = ConsentTopic.objects.filter(archived_at=None), _("No consent is asked")

    def _post_clean(self) -> None:
        """The service checks and saves; the form only reads."""
