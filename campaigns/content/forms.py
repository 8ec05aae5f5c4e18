"""Forms of a variant's words and of a template."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.content.models import EmailTemplate
from campaigns.content.services import Content
from core.forms import bare_helper
from crm.brands.models import Brand
from delivery.sends.forms import one_line
from delivery.sends.models import Variant


class ContentForm(forms.Form):
    """One arm's words. `started_from` says which wording the editor was opened with."""

    subject = forms.CharField(label=_("Subject"), max_length=250, required=False)
    preheader = forms.CharField(
        label=_("Preview text"), max_length=250, required=False,
        help_text=_("The line inboxes show after the subject."),
    )  # fmt: skip
    body = forms.CharField(label=_("Content (MJML)"), required=False, strip=False, widget=forms.Textarea)
    text = forms.CharField(label=_("Plain text"), required=False, strip=False, widget=forms.Textarea)
    started_from = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, variant: Variant) -> "ContentForm":
        content = Content.of(variant)
        return cls(
            initial={
                "subject": content.subject,
                "preheader": content.preheader,
                "body": content.body,
                "text": content.text,
                "started_from": content.mark,
            }
        )

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_preheader(self) -> str:
        return one_line(self.cleaned_data["preheader"])

    def content(self) -> Content:
        data = self.cleaned_data
        return Content(
            data["subject"], data["preheader"], data["body"].replace("\r\n", "\n"), data["text"].replace("\r\n", "\n")
        )


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A starting point for campaigns or letters."""

    class Meta:
        model = EmailTemplate
        fields = ("name", "brand", "subject", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].empty_label = None  # type: ignore[attr-defined]
        self.fields["body"].strip = False  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.fields["brand"].initial = Brand.objects.first()
        self.helper = bare_helper()

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])
