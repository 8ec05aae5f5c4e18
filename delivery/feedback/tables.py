"""The list of bounces and complaints, and the suppression list."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import is_director
from accounts.people.models import User
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import BooleanFilter, ChoiceFilter, DateRangeFilter, Filter
from core.ui.tables.query import keys_if_few
from core.ui.tables.table import Table
from crm.consent.models import Suppression
from crm.consent.suppression_sources import sources
from crm.contacts.email_addresses import address_hash, normalize_address
from crm.contacts.models import Contact
from delivery.feedback.models import Bounce
from delivery.sends.authors import authors_related, send_authors, send_title
from delivery.sends.models import Send

TONES = {Bounce.Kind.HARD: "bad", Bounce.Kind.COMPLAINT: "bad", Bounce.Kind.SOFT: "warn", Bounce.Kind.BLOCK: "warn"}


def bounce_rows(user: User) -> "QuerySet[Bounce]":
    return Bounce.objects.visible_to(user).select_related("contact", "send", *authors_related("send__"))


def mailing_name(bounce: Bounce) -> str:
    """The campaign's name, or whose letter it was; empty while it is not known which message came back."""
    return send_title(bounce.send) if bounce.send is not None else ""


def source_name(bounce: Bounce) -> str:
    """Where it was heard: the mailbox's or the provider's name where there is one."""
    return f"{bounce.get_source_display()} · {bounce.origin}" if bounce.origin else bounce.get_source_display()


def _author_filters() -> list[ChoiceFilter]:
    """By what ordered the message, where its author can be chosen from: the newest of which something came back."""
    reported = Exists(Bounce.objects.filter(send_id=OuterRef("send_id")))
    return [
        ChoiceFilter(
            code=author.kind,
            label=Send.Kind(author.kind).label,
            field=f"send__{author.kind}__public_id",
            choices=partial(author.choices, reported),
        )
        for author in send_authors
        if author.choices is not None
    ]


class BounceTable(Table[Bounce]):
    name = "bounces"
    title = gettext_lazy("Bounces")
    columns = (
        Column(
            "address", gettext_lazy("Address"), sort="address", link=True, phone="title",
            template="delivery/sends/_address.html",
        ),
        Column(
            "kind", gettext_lazy("Kind"), value="get_kind_display", sort="kind", phone="value",
            tone=lambda row: TONES.get(row.kind, ""),
        ),
        Column("code", gettext_lazy("Code"), sort="code", nowrap=True, default=False),
        Column("diagnostic", gettext_lazy("Mail server reply"), clip=True),
        Column("mailing", gettext_lazy("Campaign or letter"), value=mailing_name, clip=True, phone="detail"),
        Column("source", gettext_lazy("Reported by"), value=source_name, sort="source", default=False),
        Column("suppressed", gettext_lazy("Address suppressed"), kind=Kind.BOOLEAN, default=False),
        Column("at", gettext_lazy("When"), kind=Kind.MOMENT, sort="at", phone="note"),
    )  # fmt: skip
    filters: Sequence[Filter] = (
        ChoiceFilter(code="kind", label=gettext_lazy("Kind"), choices=Bounce.Kind.choices),
        ChoiceFilter(code="source", label=gettext_lazy("Reported by"), choices=Bounce.Source.choices),
        DateRangeFilter(code="at", label=gettext_lazy("When"), field="at"),
        BooleanFilter(
            code="matched",
            label=gettext_lazy("Message known"),
            yes=Q(send__isnull=False),
            yes_label=gettext_lazy("Message known"),
            no_label=gettext_lazy("Message not known"),
        ),
    )
    search_fields = ("address", "code", "diagnostic")
    search_label = gettext_lazy("Address, code or words")
    default_sort = "-at"
    empty = Empty(
        gettext_lazy("No bounces or complaints"),
        gettext_lazy("Undelivered messages and complaints appear here, with the replies of the mail servers."),
        "mail-check",
        gettext_lazy("Set up a mailbox or a provider"),
        "bounce_setup",
        is_director,
    )

    def __init__(self, request: HttpRequest, queryset: "QuerySet[Bounce]") -> None:
        super().__init__(request, queryset)
        kind, source, *others = self.filters
        self.filters = (kind, source, *_author_filters(), *others)

    def row_url(self, row: Bounce) -> str:
        return reverse("bounce_detail", args=[row.pk])


def suppression_rows(user: User) -> "QuerySet[Any]":
    """Addresses on the list, each with the address itself where a contact or a bounce still tells it."""
    contacts = Contact.objects.filter(address_hash=OuterRef("address_hash"))
    bounces = Bounce.objects.filter(address_hash=OuterRef("address_hash")).exclude(address="").order_by("-at")
    return (
        Suppression.objects.visible_to(user)
        .in_force()
        .annotate(
            contact_email=Subquery(contacts.values("email_normalized")[:1]),
            bounce_address=Subquery(bounces.values("address")[:1]),
        )
    )


def known_address(row: Any) -> str:
    """The address where it is still known: the list itself keeps only a keyed hash."""
    return row.contact_email or row.bounce_address or ""


def shown_address(row: Any) -> str:
    return known_address(row) or _("Address not kept (%(hash)s…)") % {"hash": row.address_hash[:8]}


def suppression_reason_text(row: Any) -> str:
    """What put an address on the list, with the file's name where it was one."""
    code, _colon, rest = row.source.partition(":")
    origin = sources.get(code)
    detail = rest if code == "import" else ""
    return f"{origin.title} {detail}".strip() if origin is not None else row.source


class SuppressionTable(Table[Any]):
    name = "suppressions"
    title = gettext_lazy("Suppression list")
    columns = (
        Column("address", gettext_lazy("Address"), value=shown_address, link=True, phone="title", export=known_address),
        Column(
            "reason", gettext_lazy("Reason"), value="get_reason_display", sort="reason", phone="value",
            tone=lambda row: "bad" if row.reason in {"complained", "bounced"} else "",
        ),
        Column("source", gettext_lazy("Triggered by"), value=lambda row: suppression_reason_text(row), phone="detail"),
        Column("at", gettext_lazy("Since"), kind=Kind.MOMENT, sort="at", phone="note"),
        Column("address_hash", gettext_lazy("Fingerprint"), default=False),
    )  # fmt: skip
    filters = (
        ChoiceFilter(code="reason", label=gettext_lazy("Reason"), choices=Suppression.Reason.choices),
        DateRangeFilter(code="at", label=gettext_lazy("Since"), field="at"),
        BooleanFilter(
            code="known",
            label=gettext_lazy("Address known"),
            yes=Q(contact_email__isnull=False) | Q(bounce_address__isnull=False),
            yes_label=gettext_lazy("Address known"),
            no_label=gettext_lazy("Address not kept"),
        ),
    )
    search_fields: ClassVar = ("contact_email", "bounce_address")
    search_label = gettext_lazy("Address")
    default_sort = "-at"
    empty = Empty(
        gettext_lazy("The suppression list is empty"),
        gettext_lazy(
            "Addresses that unsubscribed, complained or bounced appear here. Nothing more is sent to these addresses."
        ),
        "mail-off",
    )

    def search(self, queryset: "QuerySet[Any]", text: str) -> "QuerySet[Any]":
        """A whole address is found by its fingerprint, also where the address itself is not kept; a part of one (one
        or two letters: its beginning) where a contact or a bounce tells it."""
        try:
            return queryset.filter(address_hash=address_hash(normalize_address(text)))
        except ValidationError:
            how = "istartswith" if len(text) < 3 else "icontains"
        contacts = Contact.objects.order_by().filter(**{f"email__{how}": text})
        bounces = Bounce.objects.order_by().filter(**{f"address__{how}": text})
        few = keys_if_few(*(rows.values_list("address_hash", flat=True) for rows in (contacts, bounces)))
        if few is not None:
            return queryset.filter(address_hash__in=few)
        self.has_many_matches = True
        return queryset.filter(Q(**{f"contact_email__{how}": text}) | Q(**{f"bounce_address__{how}": text}))

    def row_url(self, row: Any) -> str:
        return reverse("suppression_detail", args=[row.pk])

    def row_label(self, row: Any) -> str:
        return shown_address(row)


def suppression_history(suppression: Suppression) -> "QuerySet[Suppression]":
    """Every time this address was put on the list, the newest first."""
    return Suppression.objects.filter(address_hash=suppression.address_hash).order_by(
        F("lifted_at").desc(nulls_first=True), "-at"
    )
