"""The filters of the audit trail."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _


class AuditFilterForm(forms.Form):
    """Filters of the audit page; all optional, kept in the address."""

    actor = forms.ModelChoiceField(
        get_user_model()._default_manager.all(),
        label=_("User"),
        required=False,
        to_field_name="public_id",
        empty_label=_("All users"),
    )
    action = forms.ChoiceField(label=_("Action"), required=False)
    thing = forms.CharField(label=_("Item"), required=False, max_length=100)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, actions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        action: Any = self.fields["action"]
        action.choices = [("", _("All actions")), *actions]
