"""The list of campaigns, with what became of each."""

from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.company.company_days import CompanyDays
from campaigns.campaigns.models import Campaign
from campaigns.experiments.models import Experiment
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import BulkAction, Empty
from core.ui.tables.filters import ArchivedFilter, ChoiceFilter
from core.ui.tables.table import Table
from delivery.access import may_launch
from delivery.sends.send_columns import PEOPLE_ONLY, STATE_CHOICES, in_state, rate, rate_in_sql, reacted
from delivery.templatetags.delivery_tags import state_tone
from marketing.segments.models import Segment


def _verdict(campaign: Any) -> str:
    experiment: Experiment | None = getattr(campaign.send, "experiment", None)
    return str(experiment.get_verdict_display()) if experiment and campaign.sent else ""


def _segments() -> list[tuple[str, str]]:
    return list(Segment.objects.exclude(campaigns=None).values_list("public_id", "name").distinct())


class CampaignTable(Table[Campaign]):
    name = "campaigns"
    title = _("Campaigns")
    columns = (
        Column(
            "name",
            _("Campaign"),
            sort=Lower("name"),
            link=True,
            template="campaigns/campaigns/_name.html",
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
            sort=rate_in_sql("clicked"),
            phone="value",
            help=PEOPLE_ONLY,
        ),
        Column(
            "open_rate",
            _("Human opens"),
            value=lambda row: rate(row, "opened"),
            kind=Kind.PERCENT,
            sort=rate_in_sql("opened"),
            help=PEOPLE_ONLY,
        ),
        Column(
            "unsubscribed",
            _("Unsubscribes"),
            value=lambda row: reacted(row, "unsubscribed"),
            kind=Kind.NUMBER,
            sort="send__reactions__unsubscribed",
            help=_("Contacts who unsubscribed with the link in this campaign."),
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
        Column("created", _("Created on"), value="created_at", kind=Kind.DAY, sort="created_at", default=False),
    )
    filters = (
        ChoiceFilter(code="state", label=_("State"), choices=STATE_CHOICES, where=in_state),
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
            "restore", _("Restore"), "campaign_bulk_restore", "archive-off", visible_to=may_launch, archived=True
        ),
    )
    empty = Empty(
        _("No campaigns yet"),
        _("Each campaign goes to a segment and includes a test."),
        "mail",
        _("New campaign"),
        "campaign_new",
        may_launch,
    )

    def row_url(self, row: Campaign) -> str:
        return reverse("campaign_detail", args=[row.public_id])
