"""Telephone numbers: one way to tell whether two are the same, however they were typed."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from django.db import connection
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    ValidationResult,
    format_number,
    is_possible_number_with_reason,
    parse,
)

from accounts.company.models import Company
from core.countries import country_code, zone_country
from core.tasks import enqueue
from crm.contacts.models import Contact

NORMALIZE_CHUNK = 5_000
STORE_SQL = """
UPDATE crm_contact c SET phone_normalized = v.normalized
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) v (id, phone, country, normalized)
WHERE c.id = v.id AND c.phone = v.phone AND c.country = v.country
"""


class PhoneNumbers:
    """Normal forms of telephone numbers; the company is read once, when the first number needs it."""

    def normalized(self, phone: str, country: str = "") -> str:
        """E.164 ("+34600102030"). A number without its international prefix is one of `country` (as written on the
        contact), else of the company's country. Empty for what is no number, and for a number with an extension:
        many people share it."""
        typed = phone.strip()
        if not typed:
            return ""
        return _e164(typed, "" if typed.startswith("+") else country_code(country) or self._company_country)

    @cached_property
    def _company_country(self) -> str:
        return zone_country(Company.get().time_zone)


@lru_cache(20_000)
def _e164(phone: str, region: str) -> str:
    if not region and phone.startswith("00"):  # the prefix the ITU recommends; a country may have its own
        phone = f"+{phone[2:]}"
    try:
        number = parse(phone, region or None)
    except NumberParseException:
        return ""
    if number.extension or is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return ""
    return format_number(number, PhoneNumberFormat.E164)


def phones_normalize() -> int:
    """Bring every contact's normal form up to date, a chunk at a time; how many changed. Twice changes nothing."""
    numbers, changed = PhoneNumbers(), 0
    for rows in _phones():
        normalized = [(pk, phone, country, numbers.normalized(phone, country)) for pk, phone, country, _stored in rows]
        differing = [new for new, row in zip(normalized, rows, strict=True) if new[3] != row[3]]
        if differing:
            with connection.cursor() as cursor:
                cursor.execute(STORE_SQL, [list(column) for column in zip(*differing, strict=True)])
                changed += cursor.rowcount
    return changed


def _phones() -> Iterator[list[tuple[int, str, str, str]]]:
    last = 0
    stored = Contact.objects.exclude(phone="").order_by("pk")
    columns = stored.values_list("pk", "phone", "country", "phone_normalized")
    while rows := list(columns.filter(pk__gt=last)[:NORMALIZE_CHUNK]):
        yield rows
        last = rows[-1][0]


def phones_follow_company(before: Company, after: Company) -> None:
    """A company in another country reads the numbers without a prefix differently."""
    if zone_country(before.time_zone) != zone_country(after.time_zone):
        enqueue("crm.normalize_phones")
