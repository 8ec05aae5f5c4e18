"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone a person can choose, sorted: `Region/City` names and UTC."""
    cities = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix", "right")))
    return (*sorted(cities), "UTC")


def validate_zone(value: str) -> None:
    """Raises ValidationError when `value` is not the name of a time zone."""
    if value not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name such as Europe/Madrid."), params={"name": value}
        )
