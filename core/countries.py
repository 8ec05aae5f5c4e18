"""Countries by the names people type, in the languages of the product, and by the time zone of a place."""

import unicodedata
from functools import cache

from babel import Locale
from babel.core import get_global

from core.languages import LANGUAGES

NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # codes of the list that are no country
OTHER_NAMES = {
    "america": "US", "bolivarianrepublicofvenezuela": "VE", "burma": "MM", "costademarfil": "CI", "czechrepublic": "CZ",
    "eire": "IE", "england": "GB", "estadosunidosdeamerica": "US", "greatbritain": "GB", "granbretana": "GB",
    "holanda": "NL", "holland": "NL", "hongkong": "HK", "inglaterra": "GB", "ivorycoast": "CI", "korea": "KR",
    "macao": "MO", "macau": "MO", "northernireland": "GB", "palestina": "PS", "palestine": "PS",
    "republicacheca": "CZ", "republicofireland": "IE", "rsa": "ZA", "russianfederation": "RU", "scotland": "GB",
    "turkey": "TR", "uae": "AE", "uk": "GB", "unitedstatesofamerica": "US", "usa": "US", "eeuu": "US", "wales": "GB",
}  # fmt: skip


def country_code(name: str) -> str:
    """The ISO code of two letters of a country as people write it ("España", "Spain", "es", "ESP"); empty for none."""
    return _codes().get(_letters(name), "")


def zone_country(zone: str) -> str:
    """The ISO code of the country a time zone lies in ("Europe/Madrid" is ES); empty for UTC and the like."""
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    code: str = territories.get(zone) or territories.get(aliases.get(zone, ""), "")
    return code if len(code) == 2 and code not in NO_COUNTRIES else ""


@cache
def _codes() -> dict[str, str]:
    codes = dict(OTHER_NAMES)
    for language, _name in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(str(code)) == 2:
                codes |= {_letters(str(name)): str(code), str(code).lower(): str(code)}
    for long, replacements in get_global("territory_aliases").items():
        if len(long) == 3 and long.isalpha():
            codes[long.lower()] = replacements[0]
    return {name: code for name, code in codes.items() if code not in NO_COUNTRIES}


def _letters(text: str) -> str:
    """Letters alone, without accents or case: "EE. UU." is "eeuu"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if char.isalpha())
