"""The lists of campaigns and of letters, with what became of each."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Case, F, FloatField, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Lower, NullIf
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.company.company_days import CompanyDays
from accounts.people.models import User
from campaigns.access import may_launch
from campaigns.models.authoring import Campaign, Letter
from campaigns.models.sends import Experiment, Send
from campaigns.services.launch import WAITING_FOR_START
from campaigns.templatetags.campaign_tags import spoken, state_tone
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter, ChoiceFilter, Filter
from core.ui.tables.table import Table
from marketing.segments.models import Segment

STATES: dict[str, tuple[str, ...]] = {
    "draft": (Send.State.DRAFT,),
    "scheduled": WAITING_FOR_START,
    "running": (Send.State.FREEZING, Send.State.SENDING, Send.State.PAUSED, Send.State.STOPPED),
    "finished": (Send.State.FINISHED, Send.State.CANCELLED),
}
STATE_CHOICES = [
    ("draft", _("Drafts")),
    ("scheduled", _("Scheduled")),
    ("running", _("Running")),
    ("finished", _("Finished")),
]


def _in_state(value: str) -> Q:
    return Q(send__state__in=STATES[value])


def reacted(row: Any, what: str) -> int | None:
    """How many people opened, clicked or unsubscribed; None before anything was sent."""
    if not row.sent:
        return None
    return int(getattr(getattr(row.send, "reactions", None), what, 0))


def rate(row: Any, what: str) -> float | None:
    """Their share of those it was sent to; None before anything was sent, or where nothing is counted by person."""
    count = reacted(row, what)
    return None if count is None or not row.send.is_tracked else min(1.0, count / row.sent)


def _rate_in_sql(what: str) -> Combinable:
    """`rate`, to sort by."""
    count = Cast(Coalesce(F(f"send__reactions__{what}"), 0), FloatField())
    share = count / NullIf(Cast(F("sent"), FloatField()), 0.0)
    return Case(When(send__is_tracked=True, then=share), output_field=FloatField())


def _verdict(campaign: Any) -> str:
    experiment: Experiment | None = getattr(campaign.send, "experiment", None)
    return str(experiment.get_verdict_display()) if experiment and campaign.sent else ""


def _segments() -> list[tuple[str, str]]:
    return list(Segment.objects.exclude(campaigns=None).values_list("public_id", "name").distinct())


PEOPLE_ONLY = _("People, each counted once; programs that open and click by themselves are left out.")


class CampaignTable(Table[Campaign]):
    name = "campaigns"
    title = _("Campaigns")
    columns = (
        Column(
            "name",
            _("Campaign"),
            sort=Lower("name"),
            link=True,
            template="campaigns/_campaign_name.html",
            phone="title",
        ),
        Column(
            "state",
            _("State"),
            value="send.get_state_display",
            tone=lambda row: state_tone(row.send.state),
            phone="detail",
        ),
        Column("segment", _("Segment"), value="segment.name", sort=Lower("segment__name"), clip=True, default=False),
        Column(
            "audience", _("Audience"), value="send.audience", kind=Kind.NUMBER, sort="send__audience", default=False
        ),
        Column("sent", pgettext_lazy("count", "Sent"), kind=Kind.NUMBER, sort="sent"),
        Column(
            "click_rate",
            _("Click rate"),
            value=lambda row: rate(row, "clicked"),
            kind=Kind.PERCENT,
            sort=_rate_in_sql("clicked"),
            phone="value",
            help=PEOPLE_ONLY,
        ),
        Column(
            "open_rate",
            _("Human opens"),
            value=lambda row: rate(row, "opened"),
            kind=Kind.PERCENT,
            sort=_rate_in_sql("opened"),
            help=PEOPLE_ONLY,
        ),
        Column(
            "unsubscribed",
            _("Left the list"),
            value=lambda row: reacted(row, "unsubscribed"),
            kind=Kind.NUMBER,
            sort="send__reactions__unsubscribed",
            help=_("People who unsubscribed by this campaign's link."),
        ),
        Column(
            "clicked",
            _("Clicked"),
            value=lambda row: reacted(row, "clicked"),
            kind=Kind.NUMBER,
            sort="send__reactions__clicked",
            default=False,
        ),
        Column(
            "opened",
            _("Opened"),
            value=lambda row: reacted(row, "opened"),
            kind=Kind.NUMBER,
            sort="send__reactions__opened",
            default=False,
        ),
        Column("test", _("Test"), value=_verdict, nowrap=True),
        Column(
            "when",
            _("When"),
            value=lambda row: row.send.scheduled_at or row.send.launched_at,
            kind=Kind.DAY,
            sort=Coalesce("send__scheduled_at", "send__launched_at"),
            phone="note",
        ),
        Column("objective", _("Objective"), clip=True, default=False),
        Column("created", _("Made on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        ChoiceFilter(code="state", label=_("State"), choices=STATE_CHOICES, where=_in_state),
        ChoiceFilter(code="segment", label=_("Segment"), field="segment__public_id", choices=_segments),
        ChoiceFilter(
            code="test",
            label=_("Test"),
            choices=Experiment.Verdict.choices,
            where=lambda value: Q(send__experiment__verdict=value, sent__gt=0),
        ),
        CompanyDays(code="when", label=_("When"), field="send__launched_at"),
        ArchivedFilter(),
    )
    search_fields = ("name", "objective", "segment__name")
    search_label = _("Name or objective")
    default_sort = "-created"
    bulk_actions = (
        BulkAction("archive", _("Archive"), "campaign_bulk_archive", "archive", visible_to=may_launch, archived=False),
        BulkAction(
            "restore", _("Bring back"), "campaign_bulk_restore", "archive-off", visible_to=may_launch, archived=True
        ),
    )
    empty = Empty(
        _("Campaigns will stand here"),
        _("Each goes to a segment, carries a test and tells you afterwards what it taught."),
        "mail",
        _("New campaign"),
        "campaign_new",
        may_launch,
    )

    def row_url(self, row: Campaign) -> str:
        return reverse("campaign_detail", args=[row.public_id])


def _authors() -> list[tuple[str, str]]:
    return list(User.objects.exclude(letters=None).values_list("public_id", "full_name").distinct())


class LetterTable(Table[Letter]):
    """Everybody's letters, for the office."""

    name = "letters"
    title = _("Letters")
    columns: ClassVar[Sequence[Column]] = (
        Column(
            "letter",
            _("Letter"),
            value=lambda row: spoken(row.subject),
            sort="subject",
            link=True,
            phone="title",
            missing=_("Without a subject"),
        ),
        Column("author", _("By"), value="author.full_name", sort="author__full_name", nowrap=True, phone="detail"),
        Column(
            "state",
            _("State"),
            value="send.get_state_display",
            tone=lambda row: state_tone(row.send.state),
            phone="value",
        ),
        Column("to", _("Recipients"), value=lambda row: len(row.recipients), kind=Kind.NUMBER),
        Column("sent", pgettext_lazy("count", "Sent"), kind=Kind.NUMBER, sort="sent"),
        Column(
            "clicked",
            _("Clicked"),
            value=lambda row: reacted(row, "clicked"),
            kind=Kind.NUMBER,
            sort="send__reactions__clicked",
            help=PEOPLE_ONLY,
        ),
        Column(
            "opened",
            _("Human opens"),
            value=lambda row: reacted(row, "opened"),
            kind=Kind.NUMBER,
            sort="send__reactions__opened",
            help=PEOPLE_ONLY,
        ),
        Column(
            "unsubscribed",
            _("Left the list"),
            value=lambda row: reacted(row, "unsubscribed"),
            kind=Kind.NUMBER,
            sort="send__reactions__unsubscribed",
            default=False,
        ),
        Column(
            "when",
            _("When"),
            value=lambda row: row.send.launched_at or row.updated_at,
            kind=Kind.MOMENT,
            sort=Coalesce("send__launched_at", "updated_at"),
            phone="note",
        ),
    )
    filters: Sequence[Filter] = (
        ChoiceFilter(code="author", label=_("By"), field="author__public_id", choices=_authors),
        ChoiceFilter(code="state", label=_("State"), choices=STATE_CHOICES[2:], where=_in_state),
        CompanyDays(code="when", label=_("When"), field="send__launched_at"),
    )
    search_fields: ClassVar[Sequence[str]] = ("subject", "author__full_name")
    search_label = _("Subject or salesperson")
    default_sort = "-when"
    empty = Empty(
        _("No letters yet"),
        _("Salespeople write to the customers they look after; what they send is kept here."),
        "pencil",
    )

    def row_url(self, row: Letter) -> str:
        return reverse("letter_detail", args=[row.public_id])


class OwnLetterTable(LetterTable):
    """A salesperson's own, drafts included."""

    name = "own-letters"
    title = _("My letters")
    columns = tuple(column for column in LetterTable.columns if column.code != "author")
    filters = (
        ChoiceFilter(code="state", label=_("State"), choices=[STATE_CHOICES[0], *STATE_CHOICES[2:]], where=_in_state),
        CompanyDays(code="when", label=_("When"), field="send__launched_at"),
    )
    search_fields = ("subject",)
    search_label = _("Subject")
    empty = Empty(
        _("No letters yet"),
        _("Your letters will stand here, with what became of each."),
        "pencil",
    )
