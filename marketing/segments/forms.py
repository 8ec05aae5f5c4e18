"""The form of a segment; its rules come from the rule form."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.people.models import User
from marketing.segments.models import Segment

if TYPE_CHECKING:
    SegmentModelForm: TypeAlias = forms.ModelForm[Segment]
else:
    SegmentModelForm = forms.ModelForm


class SegmentForm(SegmentModelForm):
    """The words of a segment; its rules come from the builder."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Segment
        fields = ["name", "description", "is_key", "owner", "strategy", "next_action"]
        widgets = {"strategy": forms.Textarea(attrs={"rows": 3})}
        labels = {"is_key": _("Show on the segment map as a key segment")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.active().exclude(role=User.Role.SALESPERSON)
        self.fields["owner"] = forms.ModelChoiceField(people, required=False, label=_("Owner"))

    def validate_unique(self) -> None:
        """The service says that a name is taken; the row is not saved here."""
