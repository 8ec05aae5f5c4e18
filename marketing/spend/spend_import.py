"""Spend by channel and day as a kind of import."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import is_marketer
from core.errors import DomainError
from crm.channels.models import Channel
from crm.imports.kinds import (
    ImportField,
    ImportKind,
    ImportReport,
    ImportRun,
    Outcome,
    ResultLink,
    Row,
    RowError,
    run_row_by_row,
)
from crm.imports.values import BadValue
from marketing.spend.models import SpendEntry
from marketing.spend.services import Money, spend_record

MAX_RATE = Decimal(10) ** 9


@dataclass(frozen=True)
class SpendRow:
    channel: Channel
    day: date
    money: Money
    note: str
    external_id: str


def sentences() -> dict[str, str]:
    """Reason code -> sentence, in the language of the person who reads the rejects."""
    return {
        "missing_channel": _("The channel is missing."),
        "unknown_channel": _("No active channel has this code or name."),
        "missing_date": _("The day is missing."),
        "bad_date": _("The day cannot be read in the chosen order of day and month."),
        "day_invalid": _("The day is before 1990 or more than a year ahead."),
        "missing_amount": _("The amount is missing."),
        "bad_number": _("The amount is not a number."),
        "amount_invalid": _("The amount is below 0, too large, or has more than two decimals."),
        "bad_currency": _("The currency is not a code of three letters such as EUR."),
        "rate_missing": _("The amount is in another currency, and its exchange rate is missing."),
        "bad_rate": _("The exchange rate is not a number above 0."),
    }


class SpendRows:
    """Turns rows of one file into amounts ready to be booked."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.sentences = sentences()
        self.channels = {
            name.casefold(): channel
            for channel in Channel.objects.active()
            for name in (channel.code, channel.name, str(channel))
        }
        self.equal: Counter[str] = Counter()

    def spend(self, row: Row) -> SpendRow:
        """Raises RowError."""
        channel, day = self._channel(row.get("channel")), self._day(row.get("day"))
        amount = self._number(row.get("amount"), missing="missing_amount", bad="bad_number")
        money = Money(amount, self._currency(row.get("currency")), self._rate(row.get("rate")))
        key = row.get("external_id") or self._key(f"{channel.code}|{day}|{amount}|{row.get('note')}")
        return SpendRow(channel, day, money, row.get("note"), key)

    def error(self, code: str) -> RowError:
        return RowError(code, self.sentences[code])

    def _key(self, text: str) -> str:
        """A row without an id is known by what it says, equal rows by their number among the equal ones."""
        self.equal[text] += 1
        return hashlib.blake2b(f"{text}|{self.equal[text]}".encode(), digest_size=16).hexdigest()

    def _channel(self, text: str) -> Channel:
        if not text:
            raise self.error("missing_channel")
        channel = self.channels.get(text.casefold())
        if channel is None:
            raise self.error("unknown_channel")
        return channel

    def _day(self, text: str) -> date:
        try:
            return self.run.format.day(text)
        except BadValue as bad:
            raise self.error(bad.code) from None

    def _number(self, text: str, *, missing: str, bad: str) -> Decimal:
        if not text:
            raise self.error(missing)
        try:
            return self.run.format.number(text)
        except BadValue:
            raise self.error(bad) from None

    def _currency(self, text: str) -> str:
        if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
            raise self.error("bad_currency")
        return text.upper()

    def _rate(self, text: str) -> Decimal | None:
        if not text:
            return None
        rate = self._number(text, missing="rate_missing", bad="bad_rate")
        if not 0 < rate < MAX_RATE:
            raise self.error("bad_rate")
        return rate

    def book(self, value: SpendRow, run: ImportRun) -> Outcome:
        """Raises RowError for what only the service sees."""
        source = run.source[:40]
        before = SpendEntry.objects.filter(source=source, external_id=value.external_id).first()
        try:
            entry, created = spend_record(
                channel=value.channel,
                day=value.day,
                money=value.money,
                note=value.note,
                source=source,
                external_id=value.external_id,
                actor=run.actor,
            )
        except DomainError as error:
            raise RowError(error.code, self.sentences.get(error.code, error.message)) from None
        if created or before is None:
            return Outcome.IMPORTED
        names = ("channel_id", "day", "amount", "currency", "rate", "note")
        same = all(getattr(before, name) == getattr(entry, name) for name in names)
        return Outcome.UNCHANGED if same else Outcome.UPDATED


def spend_run(run: ImportRun) -> ImportReport:
    rows = SpendRows(run)
    return run_row_by_row(run, clean=lambda row, _run: rows.spend(row), apply=rows.book)


def _links(report: dict[str, Any]) -> list[ResultLink]:
    return [ResultLink(_("View spend"), reverse("spend_list"))]


SPEND_IMPORT = ImportKind(
    code="spend",
    title=gettext_lazy("Spend"),
    question=gettext_lazy("What did each channel cost, day by day?"),
    fields=(
        ImportField("day", gettext_lazy("Day"), required=True, guesses=("day", "date", "dia", "fecha")),
        ImportField(
            "channel",
            gettext_lazy("Channel"),
            required=True,
            guesses=("channel", "channelcode", "canal", "medio", "plataforma"),
        ),
        ImportField(
            "amount",
            gettext_lazy("Amount"),
            required=True,
            guesses=("amount", "cost", "spend", "importe", "gasto", "costo", "coste", "monto", "inversion"),
        ),
        ImportField("currency", gettext_lazy("Currency"), guesses=("currency", "moneda", "divisa")),
        ImportField("rate", gettext_lazy("Exchange rate"), guesses=("rate", "exchangerate", "tipodecambio", "cambio")),
        ImportField("note", gettext_lazy("Note"), guesses=("note", "campaign", "nota", "campana")),
        ImportField("external_id", gettext_lazy("Entry number"), guesses=("id", "externalid", "entryid")),
    ),
    run=spend_run,
    visible_to=is_marketer,
    result_links=_links,
    default_source="spend_file",
    sentences=sentences,
)
