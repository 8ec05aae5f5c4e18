"""Booking what was spent: one channel, one day, an amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit.services import audit_record, changed_fields
from accounts.audit.values import money_of
from accounts.company.models import Company
from accounts.people.models import User
from core.errors import DomainError
from crm.channels.models import Channel
from marketing.spend.models import SpendEntry

MAX_AMOUNT = Decimal("999999999999.99")
_UNDO_SALT = "marketing.spend.undo"
_UNDO_FIELDS = ("id", "channel_id", "day", "amount", "currency", "rate", "note", "source", "external_id")


@dataclass(frozen=True)
class Money:
    """An amount as it was paid. `rate` turns it into the company's currency; 1 when it is that."""

    amount: Decimal
    currency: str = ""
    rate: Decimal | None = None


@transaction.atomic
def spend_record(
    *,
    channel: Channel,
    day: date,
    money: Money,
    note: str = "",
    source: str = "typed",
    external_id: str | None = None,
    actor: User | None = None,
    pk: int | None = None,
) -> tuple[SpendEntry, bool]:
    """Book spend. The same `source` and `external_id` again corrects that entry (False then).

    Raises DomainError `amount_invalid`, `rate_missing`, `day_invalid`.
    """
    currency, rate = _checked(money, day)
    if external_id:
        known = SpendEntry.objects.select_for_update().filter(source=source, external_id=external_id).first()
        if known is not None:
            return spend_update(entry=known, channel=channel, day=day, money=money, note=note, actor=actor), False
    try:
        with transaction.atomic():
            entry = SpendEntry.objects.create(
                pk=pk,
                channel=channel,
                day=day,
                amount=money.amount,
                currency=currency,
                rate=rate,
                note=note[:200],
                source=source,
                external_id=external_id or None,
                created_by=actor,
            )
    except IntegrityError:
        return SpendEntry.objects.get(source=source, external_id=external_id), False
    audit_record(actor=actor, action="spend_record", subject=entry)
    return entry, True


@transaction.atomic
def spend_update(
    *, entry: SpendEntry, channel: Channel, day: date, money: Money, note: str = "", actor: User | None = None
) -> SpendEntry:
    """Correct an entry. Raises like `spend_record`."""
    currency, rate = _checked(money, day)
    before = SpendEntry.objects.select_for_update().get(pk=entry.pk)
    after = SpendEntry.objects.get(pk=entry.pk)
    values: dict[str, Any] = {
        "channel": channel,
        "day": day,
        "amount": money.amount,
        "currency": currency,
        "rate": rate,
        "note": note[:200],
    }
    for name, value in values.items():
        setattr(after, name, value)
    changes = changed_fields(before, after, list(values))
    if changes:
        after.save(update_fields=list(changes))
        if {"amount", "currency"} & changes.keys():
            changes.pop("currency", None)
            changes["amount"] = (money_of(before.amount, before.currency), money_of(after.amount, currency))
        audit_record(actor=actor, action="spend_update", subject=after, changes=changes)
    return after


@transaction.atomic
def spend_grid_save(
    *, channels: Sequence[Channel], days: Sequence[date], cells: dict[tuple[int, date], Decimal | None], actor: User
) -> int:
    """Set the typed spend of each (channel, day) of a grid in the company's currency. How many cells changed.

    A cell is the one typed entry of that channel and day; an empty cell takes it out; imported entries are not
    touched. Raises DomainError `amount_invalid`.
    """
    known = {
        (entry.channel_id, entry.day): entry
        for entry in SpendEntry.objects.select_for_update().filter(channel__in=channels, day__in=days, source="grid")
    }
    by_id = {channel.pk: channel for channel in channels}
    changed = 0
    for (channel_id, day), amount in cells.items():
        entry = known.get((channel_id, day))
        if amount is None or amount == 0:
            if entry is not None:
                spend_delete(entry=entry, actor=actor)
                changed += 1
        elif entry is None:
            spend_record(
                channel=by_id[channel_id],
                day=day,
                money=Money(amount),
                source="grid",
                external_id=f"{channel_id}:{day.isoformat()}",
                actor=actor,
            )
            changed += 1
        elif entry.amount != amount:
            spend_update(entry=entry, channel=entry.channel, day=day, money=Money(amount), actor=actor)
            changed += 1
    return changed


@transaction.atomic
def spend_delete(*, entry: SpendEntry, actor: User) -> str:
    """Take an entry out. Returns a token with which `spend_restore` brings it back."""
    token = signing.dumps({name: _plain(getattr(entry, name)) for name in _UNDO_FIELDS}, salt=_UNDO_SALT)
    audit_record(actor=actor, action="spend_delete", subject=entry)
    entry.delete()
    return token


@transaction.atomic
def spend_restore(*, token: str, actor: User) -> SpendEntry:
    """Undo a deletion within the hour. Raises DomainError `undo_too_late`; what is there already stays."""
    try:
        kept = signing.loads(token, salt=_UNDO_SALT, max_age=timedelta(hours=1))
    except signing.BadSignature:
        raise DomainError(
            _("This action can no longer be undone. Record the spend again."), code="undo_too_late"
        ) from None
    there = SpendEntry.objects.filter(pk=kept["id"]).first()
    if there is not None:
        return there
    entry, _created = spend_record(
        channel=Channel.objects.get(pk=kept["channel_id"]),
        day=date.fromisoformat(kept["day"]),
        money=Money(Decimal(kept["amount"]), kept["currency"], Decimal(kept["rate"])),
        note=kept["note"],
        source=kept["source"],
        external_id=kept["external_id"],
        actor=actor,
        pk=kept["id"],
    )
    return entry


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def _checked(money: Money, day: date) -> tuple[str, Decimal]:
    company = Company.get()
    currency = money.currency or company.currency
    if not money.amount.is_finite() or not 0 <= money.amount <= MAX_AMOUNT or money.amount != round(money.amount, 2):
        message = _("Enter an amount of 0 or more, with at most two decimals.")
        raise DomainError(message, code="amount_invalid", fields={"amount": message})
    if currency == company.currency:
        rate = Decimal(1)
    elif money.rate is None or not money.rate.is_finite() or money.rate <= 0:
        message = _("Enter the value of one %(currency)s in %(company)s.") % {
            "currency": currency,
            "company": company.currency,
        }
        raise DomainError(message, code="rate_missing", fields={"rate": message})
    else:
        rate = money.rate
    if day.year < 1990 or day > timezone.localdate(timezone=company.zone) + timedelta(days=366):
        message = _("Choose a day from 1990 to a year from now.")
        raise DomainError(message, code="day_invalid", fields={"day": message})
    return currency, rate
