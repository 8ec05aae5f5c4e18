"""The company, its people, what they may do, their API tokens, and who changed what."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.ids import public_id as new_public_id
from core.zones import validate_zone

LANGUAGES = [("en", "English"), ("es", "Español")]


class Company(models.Model):
    """The one company of this installation: its name, its clock, its money. There is exactly one row, with key 1.

    Until somebody gives it, the name is empty: nobody is invited to a company that is called like the software.
    """

    name = models.CharField(_("name"), max_length=120, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_zone])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters."))],
    )
    language = models.CharField(_("language"), max_length=5, default="en", choices=LANGUAGES)
    week_starts_on = models.PositiveSmallIntegerField(
        _("week starts on"), default=0, choices=[(0, _("Monday")), (5, _("Saturday")), (6, _("Sunday"))]
    )
    website = models.URLField(_("website"), blank=True)
    postal_address = models.CharField(_("postal address"), max_length=300, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="company_is_one")]

    def __str__(self) -> str:
        return self.name or "–"

    @classmethod
    def get(cls) -> "Company":
        """The company's settings; unsaved defaults before anyone has set them."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Team(models.Model):
    name = models.CharField(_("name"), max_length=80, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def active(self) -> models.QuerySet["User"]:
        return self.filter(is_active=True)

    def active_directors(self) -> models.QuerySet["User"]:
        return self.filter(is_active=True, role=User.Role.DIRECTOR)

    def salespeople(self) -> models.QuerySet["User"]:
        """Active people who may own a mini-list."""
        return self.filter(is_active=True, role=User.Role.SALESPERSON)


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the company who signs in with an e-mail address. The role decides what they see and do."""

    class Role(models.TextChoices):
        DIRECTOR = "director", _("Marketing director")
        MARKETER = "marketer", _("Marketer")
        DESIGNER = "designer", _("Designer")
        SALESPERSON = "salesperson", _("Salesperson")
        ANALYST = "analyst", _("Analyst")

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    full_name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.ANALYST)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    language = models.CharField(_("language"), max_length=5, default="en", choices=LANGUAGES)
    time_zone = models.CharField(
        _("time zone"), max_length=60, blank=True, validators=[validate_zone], help_text=_("Empty: the company's.")
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    reply_address = models.EmailField(
        _("reply address"), blank=True, help_text=_("Where customers' answers to your letters go. Empty: your e-mail.")
    )
    signature = models.TextField(_("signature"), blank=True, help_text=_("How your letters end."))
    is_active = models.BooleanField(_("may sign in"), default=True)
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["full_name"]

    class Meta:
        ordering: ClassVar = ["full_name", "pk"]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end when the password changes or `session_generation` moves on."""
        value = f"{self.password}{self.session_generation}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()
        if any(char in self.full_name for char in "\r\n"):
            raise ValidationError({"full_name": _("A name is one line.")})

    @property
    def is_director(self) -> bool:
        return self.role == self.Role.DIRECTOR

    @property
    def is_salesperson(self) -> bool:
        return self.role == self.Role.SALESPERSON


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Sent, not yet accepted, revoked or expired."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link by which a new person joins with a role. Only a hash of the link's secret is kept."""

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    email = models.EmailField(_("e-mail"))
    full_name = models.CharField(_("name"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=User.Role.choices)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=5, default="en", choices=LANGUAGES)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="invitations_sent")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.OneToOneField(User, models.SET_NULL, null=True, related_name="invitation")
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.email


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: User) -> Self:
        """A person's own tokens; nobody else's."""
        return self.filter(user=user)

    def usable(self, at: datetime | None = None) -> Self:
        """Not revoked, not expired, of a person who may still sign in."""
        at = at or timezone.now()
        return self.filter(revoked_at=None, user__is_active=True).filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=at)
        )


class ApiToken(models.Model):
    """A secret an API client sends as `Authorization: Bearer …`. Only its SHA-256 is kept; scopes limit it further
    than its owner's role does."""

    public_id = models.CharField(max_length=14, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def matching(
        self, *, actor: User | None, action: str, thing: str, since: date | None, until: date | None, zone: ZoneInfo
    ) -> Self:
        """The lines a reader asked for. `thing` is an object type or part of an object's name; days are whole days
        in `zone`."""
        found = self
        if actor:
            found = found.filter(actor=actor)
        if action:
            found = found.filter(action=action)
        if thing:
            found = found.filter(models.Q(object_type=thing) | models.Q(object_label__icontains=thing))
        if since:
            found = found.filter(at__gte=datetime.combine(since, time.min, zone))
        if until:
            found = found.filter(at__lt=datetime.combine(until + timedelta(days=1), time.min, zone))
        return found


class AuditEntry(models.Model):
    """Who changed what, when, and from what to what. Written by services, never changed.

    `changes` maps a field to `[before, after]` as text; `object_type` is a model label such as `crm.contact`.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=160, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["object_type", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.object_label}"
