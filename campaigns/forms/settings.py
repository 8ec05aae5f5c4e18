"""Forms of senders, limits and templates."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.forms.campaigns import bare, one_line
from campaigns.models import EmailTemplate, SendingIdentity, SendingPolicy
from crm.models import Brand


class IdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name and address to send from. The mail server's password is shown to nobody: empty keeps what is stored."""

    smtp_url = forms.CharField(
        label=_("Mail server"), required=False, max_length=300, widget=forms.PasswordInput,
        help_text=_("smtp+tls://user:password@host:587. Empty: the installation's own server, or what was stored."),
    )  # fmt: skip

    class Meta:
        model = SendingIdentity
        fields = (
            "brand",
            "name",
            "from_name",
            "from_address",
            "reply_address",
            "bounce_address",
            "per_second",
            "smtp_url",
        )
        help_texts = {
            "name": _("What your colleagues choose it by."),
            "from_name": _("What recipients see."),
            "reply_address": _("Empty: answers come to the sender address."),
            "bounce_address": _(
                "Where undeliverable mail returns to; the mailbox must take bounces+anything@… as well. "
                "Empty: it returns to the sender address."
            ),
            "per_second": _("The most over all campaigns. Empty: as fast as the server takes them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].empty_label = None  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.fields["brand"].initial = Brand.objects.first()
        self.stored_smtp_url = self.instance.smtp_url
        self.helper = bare()

    def clean_from_name(self) -> str:
        return one_line(self.cleaned_data["from_name"])

    def clean_per_second(self) -> int | None:
        pace: int | None = self.cleaned_data["per_second"]
        if pace == 0:
            raise forms.ValidationError(gettext("At least one a second."))
        return pace

    def clean_smtp_url(self) -> str:
        url: str = self.cleaned_data["smtp_url"].strip()
        if url and not url.startswith(("smtp://", "smtp+tls://", "smtp+ssl://")):
            raise forms.ValidationError(gettext("Write it as smtp://host:25, smtp+tls://… or smtp+ssl://…"))
        return url or self.stored_smtp_url


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The limits every send keeps."""

    class Meta:
        model = SendingPolicy
        fields = ("cap_messages", "cap_days", "late_start_minutes", "per_second")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["late_start_minutes"].label = gettext("Minutes late before a start asks first")
        self.fields["per_second"].label = gettext("Messages per second, all senders together")
        self.helper = bare()


class RetentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """How long what is known of single people's reactions and receipts is kept."""

    class Meta:
        model = SendingPolicy
        fields = ("keep_events_months", "keep_ledger_months")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare()


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
        self.helper = bare()

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])
