"""Forms of signing in, of one's own profile, and of people, invitations and teams."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.company.models import Company
from accounts.people.models import Invitation, Team, User
from core.forms import bare_helper
from core.languages import LANGUAGES
from core.zones import zone_names


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


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Invitation
        fields = ["email", "full_name", "role", "team", "language"]
        labels = {"team": _("Team")}
        help_texts = {"language": _("Used for the invitation and the first sign-in.")}

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


class SuccessorForm(forms.Form):
    """Who takes over what a person looks after: another salesperson, or nobody."""

    heir = forms.ModelChoiceField(User.objects.none(), label=_("New owner"), required=True)

    def __init__(self, *args: Any, leaving: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = bare_helper()
        heirs = User.objects.salespeople().exclude(pk=leaving.pk)
        self.fields["heir"] = forms.ChoiceField(
            label=_("New owner"),
            choices=[
                ("", _now("Choose…")),
                *((heir.public_id, heir.full_name) for heir in heirs),
                ("nobody", _now("No owner: the customers become unassigned")),
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
        self.fields["name"].widget.attrs["aria-label"] = _("Team name")


class JoinForm(forms.Form):
    """The name and password an invited person chooses."""

    full_name = forms.CharField(label=_("Your name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    password_again = forms.CharField(
        label=_("Confirm password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
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
            raise ValidationError({"password_again": _("The passwords do not match.")})
        person = User(email=self.invitation.email, full_name=values.get("full_name", ""))
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from error
        return values
