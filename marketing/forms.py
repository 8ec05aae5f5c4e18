"""What people type about segments and propositions."""

from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketing.models import PropositionVersion, Segment, ValueProposition

if TYPE_CHECKING:
    SegmentModelForm: TypeAlias = forms.ModelForm[Segment]
    VersionModelForm: TypeAlias = forms.ModelForm[PropositionVersion]
else:
    SegmentModelForm = VersionModelForm = forms.ModelForm


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


class PropositionForm(VersionModelForm):
    """The canvas of a version."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PropositionVersion
        fields = list(PropositionVersion.WORDS)
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in PropositionVersion.WORDS if name != "headline"}
        help_texts = {
            "headline": _("One sentence a customer would understand."),
            "hypothesis": _("What do you expect to see, in which figure, if this is true?"),
        }


class PropositionCreateForm(PropositionForm):
    """A new proposition: whose, how it is called, and the words of its first draft."""

    segment = forms.ModelChoiceField(Segment.objects.active(), to_field_name="public_id", label=_("Segment"))
    name = forms.CharField(max_length=ValueProposition._meta.get_field("name").max_length, label=_("Name"))

    field_order = ["segment", "name", *PropositionVersion.WORDS]


class VerdictForm(forms.Form):
    """What was learnt."""

    verdict = forms.ChoiceField(choices=PropositionVersion.Verdict.choices, label=_("Verdict"))
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), required=False, label=_("What we learnt"), max_length=4000
    )
