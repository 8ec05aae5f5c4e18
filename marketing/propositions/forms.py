"""Forms of value propositions and of their verdicts."""

from typing import TYPE_CHECKING, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy as _

from marketing.propositions.models import PropositionVersion, ValueProposition
from marketing.segments.models import Segment

if TYPE_CHECKING:
    VersionModelForm: TypeAlias = forms.ModelForm[PropositionVersion]
else:
    VersionModelForm = forms.ModelForm


class PropositionForm(VersionModelForm):
    """The canvas of a version."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PropositionVersion
        fields = list(PropositionVersion.WORDS)
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in PropositionVersion.WORDS if name != "headline"}
        help_texts = {
            "headline": _("One sentence a customer would understand."),
            "hypothesis": _("What do you expect to see, in which key figure, if this is true?"),
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
        widget=forms.Textarea(attrs={"rows": 3}), required=False, label=_("Learning"), max_length=4000
    )
