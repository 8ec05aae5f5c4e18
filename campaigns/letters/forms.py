"""Forms of a salesperson's letter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.sends.forms import one_line


class LetterForm(forms.Form):
    """The letter's words; `started_from` says which wording the editor was opened with."""

    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    body = forms.CharField(label=_("Your letter"), required=False, strip=False, widget=forms.Textarea)
    started_from = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")


class LetterTestForm(forms.Form):
    """A second subject for half of the recipients, and what one expects of it."""

    second_subject = forms.CharField(label=_("Second subject"), max_length=250, required=False)
    hypothesis = forms.CharField(
        label=_("Hypothesis"), max_length=500, required=False,
        help_text=_("“With their name in the subject more people will open it, because…”"),
    )  # fmt: skip

    def clean_second_subject(self) -> str:
        return one_line(self.cleaned_data["second_subject"])
