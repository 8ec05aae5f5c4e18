"""The lists of letters, with what became of each."""

from collections.abc import Sequence
from typing import ClassVar

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.company.company_days import CompanyDays
from accounts.people.models import User
from campaigns.content.subject_preview import subject_preview
from campaigns.letters.models import Letter
from core.ui.tables.columns import Column, Kind
from core.ui.tables.definition import Empty
from core.ui.tables.filters import ChoiceFilter, Filter
from core.ui.tables.table import Table
from delivery.sends.send_columns import PEOPLE_ONLY, STATE_CHOICES, in_state, reacted
from delivery.templatetags.delivery_tags import state_tone


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
            value=lambda row: subject_preview(row.subject),
            sort="subject",
            link=True,
            phone="title",
            missing=_("Without a subject"),
        ),
        Column("author", _("Author"), value="author.full_name", sort="author__full_name", nowrap=True, phone="detail"),
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
            _("Unsubscribes"),
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
        ChoiceFilter(code="author", label=_("Author"), field="author__public_id", choices=_authors),
        ChoiceFilter(code="state", label=_("State"), choices=STATE_CHOICES[2:], where=in_state),
        CompanyDays(code="when", label=_("When"), field="send__launched_at"),
    )
    search_fields: ClassVar[Sequence[str]] = ("subject", "author__full_name")
    search_label = _("Subject or salesperson")
    default_sort = "-when"
    empty = Empty(
        _("No letters yet"),
        _("Letters that salespeople send to their customers appear here."),
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
        ChoiceFilter(code="state", label=_("State"), choices=[STATE_CHOICES[0], *STATE_CHOICES[2:]], where=in_state),
        CompanyDays(code="when", label=_("When"), field="send__launched_at"),
    )
    search_fields = ("subject",)
    search_label = _("Subject")
    empty = Empty(
        _("No letters yet"),
        _("Your letters appear here with their results."),
        "pencil",
    )
