"""Spend by channel and day as a kind of import."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import is_marketer
from core.errors import DomainError
from crm.imports.kinds import (
    ImportField,
    ImportKind,
    ImportRun,
    Outcome,
    ResultLink,
    Row,
    RowError,
    run_row_by_row,
)
from crm.imports.values import BadValue
from crm.models import Channel
from marketing.models import SpendEntry
from marketing.services.spend import Money, spend_record


@dataclass(frozen=True)
class SpendRow:
    channel: Channel
    day: date
    money: Money
    note: str
    external_id: str


def _clean(row: Row, run: ImportRun) -> SpendRow:
    text = row.get("channel").strip()
    channel = _channels(run).get(text.casefold())
    if channel is None:
        raise RowError("unknown_channel", _("“%(text)s” is not a channel in use.") % {"text": text})
    try:
        day, amount = run.format.day(row.get("day")), run.format.number(row.get("amount"))
        rate = run.format.number(row.get("rate")) if row.get("rate") else None
    except BadValue as error:
        raise RowError(error.code, _("The day or the amount cannot be read.")) from None
    key = row.get("external_id") or _key(run, f"{channel.code}|{day}|{amount}|{row.get('note')}")
    money = Money(amount, row.get("currency").upper(), rate)
    return SpendRow(channel, day, money, row.get("note"), key)


def _channels(run: ImportRun) -> dict[str, Channel]:
    """Channels by code and by name, in any case; read once a run."""
    if "_channels" not in run.options:
        active = list(Channel.objects.active())
        run.options["_channels"] = {
            name.casefold(): channel for channel in active for name in (channel.code, channel.name, str(channel))
        }
    known: dict[str, Channel] = run.options["_channels"]
    return known


def _key(run: ImportRun, text: str) -> str:
    """A row without an id is known by what it says, equal rows by their number among the equal ones."""
    counts: dict[str, int] = run.options.setdefault("_equal_rows", {})
    counts[text] = counts.get(text, 0) + 1
    return hashlib.blake2b(f"{text}|{counts[text]}".encode(), digest_size=16).hexdigest()


def _apply(value: SpendRow, run: ImportRun) -> Outcome:
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
        raise RowError(error.code, error.message) from None
    if created or before is None:
        return Outcome.IMPORTED
    names = ("channel_id", "day", "amount", "currency", "rate", "note")
    same = all(getattr(before, name) == getattr(entry, name) for name in names)
    return Outcome.UNCHANGED if same else Outcome.UPDATED


def _links(report: dict[str, Any]) -> list[ResultLink]:
    return [ResultLink(_("See the spend"), reverse("spend_list"))]


SPEND = ImportKind(
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
        ImportField("rate", gettext_lazy("Rate"), guesses=("rate", "exchangerate", "tipodecambio", "cambio")),
        ImportField("note", gettext_lazy("Note"), guesses=("note", "campaign", "nota", "campana")),
        ImportField("external_id", gettext_lazy("Number of the entry"), guesses=("id", "externalid", "entryid")),
    ),
    run=partial(run_row_by_row, clean=_clean, apply=_apply),
    visible_to=is_marketer,
    result_links=_links,
    default_source="spend_file",
)
