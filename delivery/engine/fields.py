"""What a mail can say about the contact who gets it: the merge fields, and the columns they are read from."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.engine.mime import one_line

FIELDS: dict[str, tuple[str, str | Promise]] = {
    "first_name": ("c.first_name", _("first name")),
    "last_name": ("c.last_name", _("last name")),
    "name": ("btrim(c.first_name || ' ' || c.last_name)", _("name")),
    "email": ("c.email", _("e-mail")),
    "phone": ("c.phone", _("phone")),
    "city": ("c.city", _("city")),
    "region": ("c.region", _("region")),
    "country": ("c.country", _("country")),
    "profession": ("c.profession", _("profession")),
    "sex": ("c.sex", _("sex")),
    "language": ("c.language", _("language")),
    "looking_for": ("c.looking_for", _("looking for")),
    "aspirations": ("c.aspirations", _("aspirations")),
    "tastes": ("c.tastes", _("tastes")),
    "attributes": ("c.attributes", _("custom fields")),
    "public_id": ("c.public_id", _("number")),
    "order_count": ("c.order_count", _("number of orders")),
}


def clean(value: Any) -> Any:
    """A value as it may stand in a mail: one line of text, lists and own fields through and through."""
    if isinstance(value, str):
        return value if value.isprintable() else one_line(value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {str(key): clean(item) for key, item in value.items() if item not in (None, "")}
    return value


def contact_values(names: tuple[str, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    """The merge values of one contact; what is empty is absent, so that `default` and `if` see it as such."""
    return {name: clean(value) for name, value in zip(names, row, strict=True) if value or value == 0}
