"""The form of a provider: an address of a mail server or an API, in the fields a person knows."""

import ipaddress
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, TransportError
from core.forms import bare_helper
from delivery.transports.models import Provider
from delivery.transports.provider_api.transport import KINDS, MAX_CONNECTIONS
from delivery.transports.routing import server_of

SMTP, SES = "smtp", "ses"
SES_HOST = "email-smtp."
SCHEMES = {"starttls": "smtp+tls", "tls": "smtp+ssl", "": "smtp"}
# Which fields a choice needs; the others are neither shown nor read.
SERVER = ("host", "port", "security", "username", "leaves_from")
FIELDS = {
    SMTP: SERVER,
    SES: SERVER,
    **{
        name: tuple(
            field
            for field, is_needed in (
                ("domain", kind.needs_domain),
                ("region", len(kind.addresses) > 1),
                ("stream", bool(kind.stream)),
            )
            if is_needed
        )
        for name, kind in KINDS.items()
    },
}


def _stored(provider: Provider) -> str:
    """The address as it is kept; "" where there is none, or it cannot be unsealed any more and has to be given anew."""
    try:
        return provider.url if provider.pk else ""
    except DomainError:
        return ""


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """A mail server or a provider's API. Its password or key is shown to nobody: empty keeps what is stored, as long
    as it goes to the same place."""

    kind = forms.ChoiceField(label=_("Provider"))
    host = forms.CharField(
        label=_("Server"), required=False, max_length=200,
        help_text=_("The server name, for example smtp.example.com. Amazon SES: email-smtp.REGION.amazonaws.com."),
    )  # fmt: skip
    port = forms.IntegerField(label=_("Port"), required=False, min_value=1, max_value=65535)
    security = forms.ChoiceField(
        label=_("Encryption"), required=False, initial="starttls",
        choices=[("starttls", _("STARTTLS (587)")), ("tls", _("TLS (465)")), ("", _("None (25)"))],
    )  # fmt: skip
    username = forms.CharField(
        label=_("User"), required=False, max_length=200,
        help_text=_("Leave empty if the server needs no user. Amazon SES: the SMTP user name from SMTP settings."),
    )  # fmt: skip
    domain = forms.CharField(
        label=_("Domain at Mailgun"), required=False, max_length=200, help_text=_("For example mg.example.com.")
    )
    region = forms.ChoiceField(
        label=_("Region"), required=False, choices=[("", _("United States, global")), ("eu", _("Europe"))]
    )
    stream = forms.CharField(
        label=_("Message stream"), required=False, max_length=60, initial="broadcast",
        help_text=_("Postmark requires a broadcast stream for campaigns."),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("Password or key"), required=False, max_length=300, widget=forms.PasswordInput,
        help_text=_("Stored encrypted and never shown again."),
    )  # fmt: skip
    connections = forms.IntegerField(
        label=_("Parallel connections"), min_value=1, max_value=MAX_CONNECTIONS, initial=4,
        help_text=_("Connections per sending process. More connections are faster if the provider allows them."),
    )  # fmt: skip

    class Meta:
        model = Provider
        fields = ("name", "per_second", "leaves_from")
        help_texts = {
            "per_second": _("Maximum for all senders together. Leave empty for no limit."),
            "leaves_from": _("Sending IP addresses, if different from the server's own. They are used to check SPF."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [(SMTP, _("A mail server (SMTP)")), (SES, _("Amazon SES (by SMTP)"))]
        choices += [(name, _("%(name)s (by its API)") % {"name": kind.name}) for name, kind in KINDS.items()]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        self.options: dict[str, str] = {}
        self.stored = _stored(self.instance)
        if self.stored:
            self.fields["secret"].help_text = _("Leave empty to keep the stored value.")
            self._read(self.stored)
        self.helper = bare_helper()
        self.helper.layout = Layout(
            Row(Column("name", css_class="col-md-6"), Column("kind", css_class="col-md-6")),
            Row(Column("host", css_class="col-md-6"), Column("security", css_class="col-md-4"), Column("port")),
            Row(Column("domain", css_class="col-md-6"), Column("region", css_class="col-md-6")),
            "stream",
            Row(Column("username", css_class="col-md-6"), Column("secret", css_class="col-md-6")),
            Row(Column("connections", css_class="col-md-6"), Column("per_second", css_class="col-md-6")),
            "leaves_from",
        )

    def _read(self, url: str) -> None:
        """What is stored, in fields; the password or key stays where it is."""
        parts = urlsplit(url)
        self.options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        is_api = parts.scheme in KINDS
        host = parts.hostname or ""
        self.initial.update(
            {
                "kind": parts.scheme if is_api else SES if host.startswith(SES_HOST) else SMTP,
                "connections": self.options.get("connections", 4 if is_api else 2),
                "region": self.options.get("region", ""),
                "stream": self.options.get("stream", KINDS[parts.scheme].stream if is_api else ""),
            }
        )
        if is_api:
            self.initial["domain"] = host
        else:
            security = next((name for name, scheme in SCHEMES.items() if scheme == parts.scheme), "starttls")
            user = unquote(parts.username or "")
            self.initial.update({"host": host, "port": parts.port, "security": security, "username": user})

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip()
        if any(char in host for char in "/:@?#") or any(char.isspace() for char in host):
            raise forms.ValidationError(gettext("Enter only the server name, for example smtp.example.com."))
        return host

    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].strip()
        if any(char in domain for char in "/:@?#%") or any(char.isspace() for char in domain):
            raise forms.ValidationError(gettext("Enter only the domain, for example mg.example.com."))
        return domain

    def clean_leaves_from(self) -> str:
        parts = self.cleaned_data["leaves_from"].replace(",", " ").split()
        for part in parts:
            try:
                ipaddress.ip_address(part)
            except ValueError:
                raise forms.ValidationError(gettext("“%(text)s” is not an IP address.") % {"text": part}) from None
        return ", ".join(parts)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind = data.get("kind", "")
        if kind not in FIELDS or self.errors:
            return data
        if kind in {SMTP, SES} and not data["host"]:
            self.add_error("host", gettext("Write the address of the mail server."))
        if kind == "mailgun" and not data["domain"]:
            self.add_error("domain", gettext("Enter your Mailgun domain."))
        if self.errors:
            return data
        secret = data["secret"].strip() or self._stored_secret(kind, data)
        is_asked = kind not in {SMTP, SES} or data["username"]
        if is_asked and not secret:
            words = gettext("Enter the password or key.")
            if self.instance.pk and not data["secret"]:
                words = gettext("Enter the password or key again: the stored one belongs to another server.")
            self.add_error("secret", words)
        if not self.errors:
            self.url = self._url(kind, data, secret)
            try:
                server_of(self.url)
            except (TransportError, ValueError) as error:
                self.add_error("kind", str(error))
        return data

    def _stored_secret(self, kind: str, data: dict[str, Any]) -> str:
        """What is stored, where it goes to the same place as before; it is never sent to another."""
        parts = urlsplit(self.stored)
        if kind in KINDS:
            return unquote(parts.username or "") if parts.scheme == kind else ""
        is_same = parts.scheme not in KINDS and (parts.hostname or "") == data["host"].lower()
        weaker = SCHEMES[data["security"]] == "smtp" != parts.scheme
        return unquote(parts.password or "") if is_same and not weaker else ""

    def _url(self, kind: str, data: dict[str, Any], secret: str) -> str:
        kept = {name: value for name, value in self.options.items() if name in {"timeout", "hold"}}
        if kind in KINDS and kind == urlsplit(self.stored).scheme:
            kept |= {name: value for name, value in self.options.items() if name == "api_url"}
        options = {**kept, "connections": data["connections"]}
        if kind in KINDS:
            options |= {name: data[name] for name in ("region", "stream") if name in FIELDS[kind] and data[name]}
            place = data["domain"] if "domain" in FIELDS[kind] else ""
            return f"{kind}://{quote(secret, safe='')}@{place}?{urlencode(options)}"
        user = f"{quote(data['username'], safe='')}:{quote(secret, safe='')}@" if data["username"] else ""
        port = f":{data['port']}" if data["port"] else ""
        return f"{SCHEMES[data['security']]}://{user}{data['host']}{port}?{urlencode(options)}"

    def provider(self) -> Provider:
        """The changed provider, not saved yet."""
        provider: Provider = self.instance
        provider.url = self.url
        return provider
