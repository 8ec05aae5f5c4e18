"""Keeping to a warm-up: workers take the allowance of a day from Postgres in portions, and give back what is left."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.company.models import Company
from delivery.domains.models import WarmUp, WarmUpDay, domain_of
from delivery.senders.models import SendingIdentity
from delivery.sends.models import Batch, Send

# One statement: two workers never take the same message of the allowance.
TAKE = """
    WITH open AS (
        SELECT id, LEAST(%s, allowed - taken) AS portion FROM delivery_warmupday
        WHERE id = %s AND taken < allowed FOR UPDATE
    )
    UPDATE delivery_warmupday d SET taken = taken + open.portion FROM open WHERE d.id = open.id RETURNING open.portion
"""
GIVE_BACK = "UPDATE delivery_warmupday SET taken = GREATEST(0, taken - %s) WHERE id = %s"


class Allowance:
    """The allowance of a domain that is warming up, for one run of a worker."""

    def __init__(self, warm_up: WarmUp) -> None:
        self.warm_up = warm_up

    @classmethod
    def of(cls, identity: SendingIdentity) -> "Allowance | None":
        """None when the sender's domain is not warming up."""
        domain = domain_of(identity.from_address)
        warm_up = WarmUp.objects.filter(domain__name=domain, is_on=True).select_related("domain").first()
        return cls(warm_up) if warm_up is not None else None

    def take(self, wanted: int) -> tuple[int, int | None]:
        """How many of `wanted` may go now, and the day they were taken from; all of them once it is warm."""
        day = today_of(self.warm_up)
        if day is None:
            return wanted, None
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [wanted, day.pk])
            found = cursor.fetchone()
        return (int(found[0]) if found else 0), day.pk

    def rest(self, cursor: Any, send: Send) -> None:
        """What is left of a send waits until the next day begins."""
        opening = next_opening(self.warm_up)
        cursor.execute(
            "UPDATE delivery_batch SET due_at = %s WHERE send_id = %s AND state = %s AND due_at < %s",
            [opening, send.pk, Batch.State.READY, opening],
        )


def give_back(cursor: Any, day_id: int, count: int) -> None:
    """Portions of an allowance that were not used."""
    if count > 0:
        cursor.execute(GIVE_BACK, [count, day_id])


def today_of(warm_up: WarmUp) -> WarmUpDay | None:
    """The day that is running, made when it begins; None once the domain is warm."""
    today = sending_day(warm_up)
    found = WarmUpDay.objects.filter(domain=warm_up.domain_id, day=today).first()
    if found is not None:
        return found if warm_up.allowance(found.number) is not None else None
    number = day_number(warm_up, today)
    allowed = warm_up.allowance(number)
    if allowed is None:
        return None
    defaults = {"number": number, "allowed": allowed}
    return WarmUpDay.objects.get_or_create(domain=warm_up.domain, day=today, defaults=defaults)[0]


def day_number(warm_up: WarmUp, today: date) -> int:
    """The how many-eth day of sending today is: those before on which something was sent, and one."""
    return WarmUpDay.objects.filter(domain=warm_up.domain_id, day__lt=today, taken__gt=0).count() + 1


def sending_day(warm_up: WarmUp, now: datetime | None = None) -> date:
    """The day that is running: it begins at `opens_at` in the company's zone."""
    local = (now or timezone.now()).astimezone(Company.get().zone)
    return local.date() if local.hour >= warm_up.opens_at else local.date() - timedelta(days=1)


def next_opening(warm_up: WarmUp, now: datetime | None = None) -> datetime:
    """When the next day begins."""
    following = sending_day(warm_up, now) + timedelta(days=1)
    zone = Company.get().zone
    return datetime(following.year, following.month, following.day, warm_up.opens_at, tzinfo=zone).astimezone(UTC)
