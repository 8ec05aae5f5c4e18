"""The settings of a public form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from crm.channels.models import Channel
from crm.consent.models import ConsentTopic
from crm.forms.models import LeadForm


class LeadFormForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a public form."""

    fields_asked = forms.MultipleChoiceField(
        label=_("Additional fields"),
        choices=LeadForm.Field.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The form always asks for the e-mail address."),
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
        topic.queryset, topic.empty_label = ConsentTopic.objects.filter(archived_at=None), _("No consent requested")

    def _post_clean(self) -> None:
        """The service checks and saves; the form only reads."""
