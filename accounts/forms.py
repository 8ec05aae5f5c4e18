"""Forms of sign-in, profile, people and company."""

from datetime import date, datetime, time
from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.amounts import amounts_exist
from accounts.models import LANGUAGES, ApiToken, Company, Invitation, Team, User
from accounts.scopes import scopes
from core.zones import zone_names


def bare_helper() -> FormHelper:
    """Fields only: the template writes the form element and its buttons."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["login"].label = _("E-mail")
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if "remember" in self.fields:
            del self.fields["remember"]


class PasswordResetForm(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["email"].label = _("E-mail")
        self.fields["email"].widget.attrs.pop("placeholder", None)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    class Meta:
        model = User
        fields = ["full_name", "language", "time_zone", "theme", "reply_address", "signature"]
        widgets = {"signature": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        company = _now("The company's (%(zone)s)") % {"zone": Company.get().time_zone}
        zone: Any = self.fields["time_zone"]
        zone.choices = [("", company), *((name, name.replace("_", " ")) for name in zone_names())]
        self.fields["full_name"].widget.attrs["autocomplete"] = "name"


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    website = forms.URLField(label=capfirst(_("website")), max_length=200, required=False, assume_scheme="https")
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_(
            "It decides where a day of the figures begins and ends. After a change, past days are counted again in "
            "the new zone, so daily figures can move by a few hours' worth; nothing is lost."
        ),
    )

    class Meta:
        model = Company
        fields = ["name", "time_zone", "currency", "language", "week_starts_on", "website", "postal_address"]
        help_texts = {
            "language": _("For people who have not chosen one, and for mail to contacts without one."),
            "postal_address": _("Shown at the foot of every e-mail you send; the law of many countries asks for it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["name"].required = True
        zone: Any = self.fields["time_zone"]
        zone.choices = [(name, name.replace("_", " ")) for name in zone_names()]
        currency = self.fields["currency"]
        if amounts_exist():
            currency.disabled = True
            currency.help_text = _("Amounts are already kept in this currency, so it stays.")
        else:
            currency.help_text = _("Three letters, as EUR or USD. It cannot change once the first amount is kept.")


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Invitation
        fields = ["email", "full_name", "role", "team", "language"]
        labels = {"team": _("Team")}
        help_texts = {"language": _("Of the invitation and of their first sign-in.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.fields["full_name"].required = False
        team: Any = self.fields["team"]
        team.empty_label = _now("No team")


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["full_name", "role", "team"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        team: Any = self.fields["team"]
        team.empty_label = _now("No team")


class HeirForm(forms.Form):
    """Who takes over what a person looks after: another salesperson, or nobody."""

    heir = forms.ModelChoiceField(User.objects.none(), label=_("Who takes over"), required=True)

    def __init__(self, *args: Any, leaving: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        heirs = User.objects.salespeople().exclude(pk=leaving.pk)
        self.fields["heir"] = forms.ChoiceField(
            label=_("Who takes over"),
            choices=[
                ("", _now("Choose…")),
                *((heir.public_id, heir.full_name) for heir in heirs),
                ("nobody", _now("Nobody: the customers become free")),
            ],
        )


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Team
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        self.helper.form_show_labels = False
        self.fields["name"].widget.attrs["aria-label"] = _("Name of the team")


class JoinForm(forms.Form):
    """The name and password an invited person chooses."""

    full_name = forms.CharField(label=_("Your name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    password_again = forms.CharField(
        label=_("Password again"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.helper = bare_helper()
        self.fields["full_name"].widget.attrs["autocomplete"] = "name"
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        password = values.get("password")
        if not password:
            return values
        if password != values.get("password_again"):
            raise ValidationError({"password_again": _("The two passwords differ.")})
        person = User(email=self.invitation.email, full_name=values.get("full_name", ""))
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
        return values


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)
    expires_on = forms.DateField(
        label=_("Works until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("The last day, in your time zone. Empty: until you revoke it."),
    )

    class Meta:
        model = ApiToken
        fields = ["name"]
        help_texts = {"name": _("What uses it, as “Monthly spreadsheet”.")}

    field_order = ["name", "scopes", "expires_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        choices: Any = self.fields["scopes"]
        choices.choices = [(scope.code, f"{scope.title} ({scope.code}). {scope.explanation}") for scope in scopes]

    def expires_at(self) -> datetime | None:
        """The end of the chosen day in the person's zone."""
        day: date | None = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day, time(23, 59, 59))) if day else None


class AuditFilterForm(forms.Form):
    """Filters of the audit page; all optional, kept in the address."""

    actor = forms.ModelChoiceField(
        User.objects.all(), label=_("Person"), required=False, to_field_name="public_id", empty_label=_("Everybody")
    )
    action = forms.ChoiceField(label=_("Action"), required=False)
    thing = forms.CharField(label=_("What"), required=False, max_length=100)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, actions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        action: Any = self.fields["action"]
        action.choices = [("", _("Every action")), *actions]
