"""The ledger in words: did this person get it? One line per recipient, fast for a million of them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.ui.numbers import number
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import ChoiceFilter
from core.ui.tables.query import keys_if_few
from core.ui.tables.table import Table
from crm.contacts.models import Contact
from delivery.feedback.models import Bounce
from delivery.feedback.smtp_reply_text import reply_explained, reply_quoted
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.queries import Progress, send_progress
from delivery.tracking.models import Engagement

State = Delivery.State
REASONS = {
    **dict(Delivery.Skip.choices),
    "hard_bounce": _("The address does not exist"),
    "refused": _("Refused by the mail server"),
    "gave_up": _("Failed after retries for one day"),
    "not_ascii": _("The mail server accepts only addresses with the letters a to z"),
    "not_merged": _("The content could not be filled in for this person"),
    "deferred": _("Deferred by the mail server"),
    "broken_off": _("The connection broke off"),
    "no_reply": _("No reply from the mail server"),
    "worker_died": _("The sending process ended before the reply of the mail server was saved"),
    "worker_lost": _("The sending server failed"),
    "restored": _("A backup was restored; it may have been received since the backup"),
}
STATE_OF = {
    **dict.fromkeys(Delivery.Skip.values, State.SKIPPED),
    **dict.fromkeys(("hard_bounce", "refused", "gave_up", "not_ascii", "not_merged"), State.FAILED),
    **dict.fromkeys(("deferred", "broken_off"), State.DEFERRED),
    **dict.fromkeys(("no_reply", "worker_died", "worker_lost", "restored"), State.UNKNOWN),
}
FULL_TEXT_REASONS = {*Delivery.Skip.values, "hard_bounce", "not_ascii", "not_merged"}
SHORT_TEXT_REASONS = {"refused", "deferred"}
REACTIONS = {
    "clicked": Q(human_clicks__gt=0),
    "opened": Q(human_opens__gt=0),
    "unsubscribed": Q(unsubscribed_at__isnull=False),
}
TONES = {State.SENT: "good", State.FAILED: "bad", State.UNKNOWN: "warn", State.DEFERRED: "warn"}


def reason_label(reason: str) -> str:
    """Why somebody did not get it, in words."""
    return str(REASONS.get(reason, reason))


SEVERITY = (Bounce.Kind.BLOCK, Bounce.Kind.SOFT, Bounce.Kind.HARD, Bounce.Kind.COMPLAINT)


def bounces_of(send_id: int, contact_ids: list[int]) -> dict[int, Bounce]:
    """The gravest report on the message to each of these contacts; what the mail server answered is in the ledger."""
    rows = Bounce.objects.of_send(send_id).filter(contact_id__in=contact_ids).exclude(source=Bounce.Source.SMTP)
    graver = sorted(rows.defer("raw"), key=lambda bounce: SEVERITY.index(Bounce.Kind(bounce.kind)))
    return {bounce.contact_id: bounce for bounce in graver if bounce.contact_id is not None}


def not_delivered_reason(row: Delivery) -> str:
    """Why somebody did not get it; with what the mail server meant, where the reason leaves that open."""
    if row.state == State.SENT:
        return ""
    meant = "" if row.reason in FULL_TEXT_REASONS else reply_explained(row.smtp_code, row.smtp_reply)
    if meant and row.reason in SHORT_TEXT_REASONS:
        return meant
    return " · ".join(part for part in (reason_label(row.reason), meant) if part)


def _said(row: Any) -> str:
    """The mail server's own words to somebody who did not get it."""
    return "" if row.state in {State.SENT, State.SKIPPED} else reply_quoted(row.smtp_code, row.smtp_reply)


def _reaction(row: Any) -> str:
    """The most that the person did."""
    if row.engagement is None:
        return ""
    if row.engagement.unsubscribed_at:
        return _now("unsubscribed")
    if row.engagement.human_clicks:
        return _now("clicked")
    return _now("opened") if row.engagement.human_opens else ""


def _did(value: str) -> Q:
    same = {"send_id": OuterRef("send_id"), "contact_id": OuterRef("contact_id")}
    if value == "bounced":
        heard = Bounce.objects.exclude(source=Bounce.Source.SMTP)
        return Q(Exists(heard.filter(send=OuterRef("send_id"), contact=OuterRef("contact_id"))))
    if value == "nothing":
        acted = Engagement.objects.filter(REACTIONS["clicked"] | REACTIONS["opened"], **same)
        return Q(state=State.SENT) & ~Q(Exists(acted))
    return Q(Exists(Engagement.objects.filter(REACTIONS[value], **same)))


class RecipientsTable(Table[Delivery]):
    """The recipients of one send, in the order of contacts. `people`: those whom the reader may see (None: everybody).

    Nothing here reads the whole ledger to draw a page: pages are stretches of its key, addresses are found by their
    beginning, rare states by the batches they are in, and how many there are is known from the roll-up where it can be.
    """

    name = "ledger"
    title = _("Recipients")
    tie_breaker = "contact_id"
    columns = (
        Column(
            "who",
            _("Recipient"),
            value=lambda row: row.contact.name if row.contact else row.address,
            sort="contact_id",
            link=True,
            phone="title",
            missing=_("Erased contact"),
        ),
        Column("address", _("Address"), template="delivery/sends/_address.html", phone="detail"),
        Column("variant", _("Variant"), value=lambda row: row.variant, nowrap=True),
        Column(
            "state",
            _("State"),
            value="get_state_display",
            template="delivery/sends/_delivery_state.html",
            nowrap=True,
            phone="value",
        ),
        Column(
            "came_back",
            _("Bounced"),
            value=lambda row: row.came_back.get_kind_display() if row.came_back else "",
            default=False,
        ),
        Column(
            "reason",
            _("Reason"),
            value=not_delivered_reason,
            template="delivery/sends/_not_delivered.html",
            export=lambda row: " · ".join(part for part in (row.why, row.said) if part),
        ),
        Column("reaction", _("Reaction"), value=_reaction, template="delivery/sends/_reaction.html", phone="note"),
        Column("changed", _("When"), value="changed_at", kind=Kind.MOMENT),
        Column("opened", _("First opened"), value="engagement.first_open_at", kind=Kind.MOMENT, default=False),
        Column("clicked", _("First clicked"), value="engagement.first_click_at", kind=Kind.MOMENT, default=False),
        Column("code", _("Code of the mail server"), value="smtp_code", kind=Kind.NUMBER, default=False),
        Column("reply", _("Mail server reply text"), value="smtp_reply", clip=True, default=False),
        Column("attempts", _("Attempts"), kind=Kind.NUMBER, default=False),
    )
    search_fields = ("address",)
    search_label = _("Name, or how the address begins")
    default_sort = "who"
    empty = Empty(_("No recipients yet"), _("The recipients appear here after launch."), "list-search")

    def __init__(self, request: HttpRequest, send: Send, *, people: QuerySet[Contact] | None = None) -> None:
        rows = Delivery.objects.filter(send_id=send.pk)
        if people is not None:
            rows = rows.filter(contact_id__in=people.order_by().values("pk"))
        super().__init__(request, rows)
        self.send, self.people = send, people
        self.filters = (
            ChoiceFilter(code="state", label=_("State"), choices=self._states, where=self._in_state),
            ChoiceFilter(code="reason", label=_("Reason"), choices=self._reasons, where=self._for_reason),
            ChoiceFilter(
                code="reaction",
                label=_("Reaction"),
                choices=[
                    ("clicked", _("Clicked")),
                    ("opened", _("Opened")),
                    ("nothing", _("Delivered, no reaction")),
                    ("unsubscribed", _("Unsubscribed")),
                    ("bounced", _("Bounced")),
                ],
                where=_did,
            ),
            ChoiceFilter(
                code="variant",
                label=_("Variant"),
                field="variant_id",
                choices=lambda: [(pk, _now("Variant %(label)s") % {"label": it}) for pk, it in self.labels.items()],
            ),
        )

    @cached_property
    def labels(self) -> dict[int, str]:
        return dict(self.send.variants.values_list("pk", "label"))

    @cached_property
    def progress(self) -> Progress:
        return send_progress(self.send)

    # --- Filters --------------------------------------------------------------------------------------------------
    def _states(self) -> list[tuple[str, str]]:
        """Each with how many, for those who see everybody."""
        return [(code, self._counted(str(label), self._in_roll_up(code))) for code, label in State.choices]

    def _reasons(self) -> list[tuple[str, str]]:
        return [(code, self._counted(str(label), self.progress.skips.get(code))) for code, label in REASONS.items()]

    def _counted(self, label: str, count: int | None) -> str:
        return f"{label} ({number(count)})" if count and self.people is None else label

    def _in_roll_up(self, state: str) -> int:
        progress = self.progress
        return progress.waiting + progress.claimed if state == State.PENDING else int(getattr(progress, state))

    def _batches(self, state: str) -> list[int] | None:
        """The batches in which a rare state can be; None: in any."""
        batches = Batch.objects.filter(send=self.send)
        if state == State.SENT:
            return None
        batches = (
            batches.exclude(state=Batch.State.DONE) if state == State.PENDING else batches.filter(**{f"{state}__gt": 0})
        )
        return list(batches.values_list("number", flat=True))

    def _in_state(self, state: str) -> Q:
        batches = self._batches(state)
        return Q(state=state) if batches is None else Q(state=state, batch__in=batches)

    def _for_reason(self, reason: str) -> Q:
        if reason in Delivery.Skip.values and not self.progress.skips.get(reason):
            return Q(contact_id__in=())  # not worth looking through all who were skipped
        return self._in_state(STATE_OF[reason]) & Q(reason=reason)

    def search(self, queryset: QuerySet[Delivery], text: str) -> QuerySet[Delivery]:
        """By the beginning of the address it went to, or by the name of the person."""
        ledger = Delivery.objects.filter(send_id=self.send.pk)
        named = Contact.objects.order_by().named(text) if "@" not in text else Contact.objects.none()
        few = keys_if_few(
            ledger.addressed(text).values_list("contact_id", flat=True),
            ledger.filter(contact_id__in=named.values("pk")).values_list("contact_id", flat=True),
        )
        if few is not None:
            return queryset.filter(contact_id__in=few)
        self.has_many_matches = self.people is None
        said = Q(Exists(named.filter(pk=OuterRef("contact_id"))))
        return queryset.filter(Q(address__startswith=text.strip().lower()) | said)

    # --- How many -------------------------------------------------------------------------------------------------
    def known_total(self) -> int | None:
        """From sums that are kept, unless only the rows themselves can tell."""
        if self.people is not None or self.state.search_text or self.send.ledger_purged_at is not None:
            return None
        match self.state.filter_values:
            case {**nothing} if not nothing:
                return self.progress.audience
            case {"state": state, **rest} if not rest and state in State.values:
                return self._in_roll_up(state)
            case {"reason": reason, **rest} if not rest and reason in Delivery.Skip.values:
                return self.progress.skips.get(reason, 0)
            case {"variant": pk, **rest} if not rest and pk.isdecimal() and int(pk) in self.labels:
                sizes = Batch.objects.filter(send=self.send, variant_id=int(pk))
                return int(sizes.aggregate(total=Sum("size", default=0))["total"])
            case {"reaction": what, **rest} if not rest and what in REACTIONS:
                return int(getattr(getattr(self.send, "reactions", None), what, 0))
        return None

    # --- Rows -----------------------------------------------------------------------------------------------------
    def row_url(self, row: Any) -> str:
        return reverse("contact_detail", args=[row.contact.public_id]) if row.contact else ""

    def row_label(self, row: Any) -> str:
        return str(row.contact or row.address)

    def prefetch(self, rows: Sequence[Any]) -> None:
        """Who each is, what they did, and what came back: three queries for a page, whatever its size."""
        ids = [row.contact_id for row in rows]
        people = Contact.objects.only("public_id", "first_name", "last_name", "email", "number", "phone").in_bulk(ids)
        engaged = {it.contact_id: it for it in Engagement.objects.filter(send_id=self.send.pk, contact_id__in=ids)}
        returned = bounces_of(self.send.pk, ids)
        for row in rows:
            row.contact = people.get(row.contact_id)
            row.engagement = engaged.get(row.contact_id)
            row.came_back = returned.get(row.contact_id)
            row.variant = self.labels.get(row.variant_id, "")
            row.why, row.said = not_delivered_reason(row), _said(row)
            row.tone = TONES.get(row.state, "")
