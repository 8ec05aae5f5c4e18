"""Forms of bounces: the rules, mailboxes, providers, and the suppression list."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.forms import bare_helper
from crm.consent.models import Suppression
from crm.contacts.email_addresses import normalize_address
from delivery.feedback.models import BounceMailbox, FeedbackRule, ProviderWebhook
from delivery.senders.models import SendingIdentity

BY_HAND = (Suppression.Reason.MANUAL, Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.COMPLAINED)


def _row(*names: str) -> Row:
    return Row(*(Column(name, css_class=f"col-md-{12 // len(names)}") for name in names))


class FeedbackRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """What soft bounces, hard bounces and complaints lead to."""

    class Meta:
        model = FeedbackRule
        fields = (
            "soft_bounces", "soft_days", "complaint_warn", "complaint_stop", "complaint_least", "bounce_warn",
            "bounce_stop", "bounce_least",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.helper.layout = Layout(
            _row("soft_bounces", "soft_days"),
            _row("complaint_warn", "complaint_stop", "complaint_least"),
            _row("bounce_warn", "bounce_stop", "bounce_least"),
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for measure in ("complaint", "bounce"):
            warn, stop = data.get(f"{measure}_warn"), data.get(f"{measure}_stop")
            for name, value in ((f"{measure}_warn", warn), (f"{measure}_stop", stop)):
                if value is not None and not 0 < value <= 100:
                    self.add_error(name, gettext("A share between 0 and 100 %, not 0."))
            if warn is not None and stop is not None and warn > stop:
                self.add_error(
                    f"{measure}_stop", gettext("The stop percentage must be higher than the warning percentage.")
                )
        return data


class MailboxForm(forms.ModelForm):  # type: ignore[type-arg]
    """A mailbox to read. Its password is shown to nobody: empty keeps what is stored."""

    password = forms.CharField(label=_("Password"), required=False, max_length=200, widget=forms.PasswordInput)

    class Meta:
        model = BounceMailbox
        fields = ("name", "identity", "host", "port", "security", "username", "folder", "done_folder")
        help_texts = {
            "name": _("The name your colleagues see."),
            "identity": _("Leave empty for the whole company."),
            "port": _("993 for TLS, 143 for STARTTLS."),
            "done_folder": _(
                "Processed messages are moved to this folder. Leave empty to mark them as read where they are."
            ),
        }

    field_order = (
        "name", "identity", "host", "port", "security", "username", "password", "folder", "done_folder",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["identity"].empty_label = gettext("The whole company")  # type: ignore[attr-defined]
        self.fields["identity"].queryset = SendingIdentity.objects.active()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["password"].help_text = gettext("Leave empty to keep the stored value.")
        self.helper = bare_helper()
        self.helper.layout = Layout(
            _row("name", "identity"),
            "host",
            _row("security", "port"),
            _row("username", "password"),
            _row("folder", "done_folder"),
        )

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip()
        if "/" in host or ":" in host or any(char.isspace() for char in host):
            raise ValidationError(gettext("Enter only the server name, for example imap.example.com."))
        return host

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and not data.get("password"):
            self.add_error("password", gettext("Enter the password of the mailbox."))
        if data.get("done_folder") and data.get("done_folder") == data.get("folder"):
            self.add_error("done_folder", gettext("Choose another folder than the one that is read."))
        return data


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider that reports to us. What it signs with is shown to nobody: empty keeps what is stored."""

    secret = forms.CharField(
        label=_("Signing key"), required=False, max_length=500, widget=forms.PasswordInput,
        help_text=_(
            "Amazon SES: the ARN of the topic. Mailgun: the HTTP webhook signing key. Postal: the public "
            "key. MailerSend, Mailtrap, Mandrill, Resend and SendGrid show their key only after the webhook "
            "URL is entered: save without the key and add it later. The other providers do not sign; their "
            "webhook URL contains a password."
        ),
    )  # fmt: skip

    class Meta:
        model = ProviderWebhook
        fields = ("provider",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provider: Any = self.fields["provider"]
        provider.choices = [("", gettext("Choose your provider")), *[one for one in provider.choices if one[0]]]
        provider.disabled = bool(self.instance.pk)
        self.helper = bare_helper()

    def clean_secret(self) -> str:
        return "".join(self.cleaned_data["secret"].split())


class SuppressionAddForm(forms.Form):
    """Addresses that a person suppresses."""

    addresses = forms.CharField(
        label=_("Addresses"), widget=forms.Textarea(attrs={"rows": 5}), max_length=20_000,
        help_text=_("One address per line. For a long list, import a file."),
    )  # fmt: skip
    reason = forms.ChoiceField(label=_("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(one.value, one.label) for one in BY_HAND]  # type: ignore[attr-defined]
        self.helper = bare_helper()

    def clean_addresses(self) -> list[str]:
        found, bad = [], []
        for word in self.cleaned_data["addresses"].replace(",", "\n").replace(";", "\n").split():
            try:
                found.append(normalize_address(word))
            except ValidationError:
                bad.append(word)
        if bad:
            raise ValidationError(
                gettext("Not valid e-mail addresses: %(words)s") % {"words": ", ".join(bad[:5])}, code="invalid"
            )
        return list(dict.fromkeys(found))


class SuppressionRemoveForm(forms.Form):
    """Why an address comes off the list."""

    why = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept with your name in the audit trail."))
    confirmed = forms.BooleanField(
        label=_("This person asked to hear from us again, and I can show it"), required=False
    )

    def __init__(self, *args: Any, complained: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not complained:
            del self.fields["confirmed"]
        self.helper = bare_helper()
