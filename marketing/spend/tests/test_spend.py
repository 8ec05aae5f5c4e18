"""Booking spend and setting targets."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.people.models import User
from core.errors import DomainError
from crm.channels.tests.factories import ChannelFactory
from marketing.spend.models import SpendEntry
from marketing.spend.services import Money, spend_delete, spend_grid_save, spend_record, spend_restore

DAY = date(2026, 3, 1)


def test_spend_in_the_companys_currency_has_rate_one(marketer: User) -> None:
    entry, created = spend_record(
        channel=ChannelFactory.create(), day=DAY, money=Money(Decimal("10.50")), actor=marketer
    )
    assert (created, entry.currency, entry.rate) == (True, "EUR", Decimal(1))


def test_another_currency_needs_its_rate(marketer: User) -> None:
    channel = ChannelFactory.create()
    with pytest.raises(DomainError) as error:
        spend_record(channel=channel, day=DAY, money=Money(Decimal(10), "USD"), actor=marketer)
    assert error.value.code == "rate_missing"
    entry, _created = spend_record(
        channel=channel, day=DAY, money=Money(Decimal(10), "USD", Decimal("0.9")), actor=marketer
    )
    assert (entry.currency, entry.rate) == ("USD", Decimal("0.9"))


@pytest.mark.parametrize("amount", ["-1", "NaN", "0.001", "1e15"])
def test_amounts_that_are_none(marketer: User, amount: str) -> None:
    with pytest.raises(DomainError) as error:
        spend_record(channel=ChannelFactory.create(), day=DAY, money=Money(Decimal(amount)), actor=marketer)
    assert error.value.code == "amount_invalid"


def test_the_same_external_id_is_one_entry(marketer: User) -> None:
    channel = ChannelFactory.create()
    for amount in ("10", "10", "12"):
        spend_record(
            channel=channel, day=DAY, money=Money(Decimal(amount)), source="ads", external_id="a", actor=marketer
        )
    assert SpendEntry.objects.get().amount == 12


def test_grid_sets_changes_and_empties_cells(marketer: User) -> None:
    channel = ChannelFactory.create()
    spend_record(channel=channel, day=DAY, money=Money(Decimal(5)), actor=marketer)

    def save(amount: Decimal | None) -> int:
        return spend_grid_save(channels=[channel], days=[DAY], cells={(channel.pk, DAY): amount}, actor=marketer)

    assert [save(Decimal(20)), save(Decimal(20)), save(Decimal(25))] == [1, 0, 1]
    assert sorted(SpendEntry.objects.values_list("amount", flat=True)) == [5, 25]
    assert save(None) == 1
    assert SpendEntry.objects.get().amount == 5


def test_delete_can_be_undone_once(marketer: User) -> None:
    entry, _created = spend_record(
        channel=ChannelFactory.create(), day=DAY, money=Money(Decimal("10.50")), note="March", actor=marketer
    )
    token = spend_delete(entry=entry, actor=marketer)
    assert SpendEntry.objects.count() == 0
    spend_restore(token=token, actor=marketer)
    spend_restore(token=token, actor=marketer)
    back = SpendEntry.objects.get()
    assert (back.amount, back.note, back.day) == (Decimal("10.50"), "March", DAY)
    with pytest.raises(DomainError) as error:
        spend_restore(token=token[:-2], actor=marketer)
    assert error.value.code == "undo_too_late"
