"""Forms of planning and concluding a test."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.experiments.models import Experiment
from core.forms import bare_helper
from delivery.sends.models import Variant


class TestForm(forms.Form):
    """The test: what is expected, how it is measured, how many people it takes, and each arm's share."""

    __test__ = False

    hypothesis = forms.CharField(
        label=_("Hypothesis"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you expect to happen, and why: “A question in the subject brings more clicks, because…”"),
    )  # fmt: skip
    metric = forms.ChoiceField(label=_("Metric"), required=False)
    horizon = forms.IntegerField(label=_("Sample size (recipients)"), required=False, min_value=2, max_value=50_000_000)
    horizon_days = forms.IntegerField(label=_("Maximum duration (days)"), min_value=1, max_value=90, initial=7)

    def __init__(self, *args: Any, variants: list[Variant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metric = self.fields["metric"]
        metric.choices = [("", gettext("Choose…")), *Experiment.Metric.choices]  # type: ignore[attr-defined]
        self.variants = variants
        for arm in variants:
            self.fields[f"weight_{arm.pk}"] = forms.IntegerField(
                label=gettext("Share of %(label)s (percent)") % {"label": arm.label},
                min_value=0,
                max_value=100,
                initial=arm.weight,
            )
        self.helper = bare_helper()
        shares = [Column(f"weight_{arm.pk}") for arm in variants]
        self.helper.layout = Layout(
            "hypothesis", Row(Column("metric"), Column("horizon"), Column("horizon_days")), Row(*shares)
        )

    def weights(self) -> dict[int, int]:
        return {arm.pk: self.cleaned_data[f"weight_{arm.pk}"] for arm in self.variants}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        shares = [data.get(f"weight_{arm.pk}") for arm in self.variants]
        if None not in shares and sum(share or 0 for share in shares) != 100:
            raise forms.ValidationError(gettext("The shares add up to 100 percent."), code="shares")
        return data


class ConcludeForm(forms.Form):
    """What a test taught, in the words the next campaign starts from."""

    learning = forms.CharField(
        label=_("Learning"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences a colleague will understand in a year."),
    )  # fmt: skip
    chosen = forms.ChoiceField(label=_("Winner"), required=False)

    def __init__(self, *args: Any, leaders: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(leaders) > 1:
            chosen = self.fields["chosen"]
            chosen.choices = [("", gettext("No winner")), *((label, label) for label in leaders)]  # type: ignore[attr-defined]
        else:
            del self.fields["chosen"]
        self.helper = bare_helper()
