"""Countries by name and by zone."""

import pytest

from core.countries import country_code, zone_country


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Spain", "ES"), ("ESPAÑA", "ES"), ("espana", "ES"), ("es", "ES"), ("ESP", "ES"), (" Perú ", "PE"),
        ("Brasil", "BR"),
        ("EE. UU.", "US"), ("U.S.A.", "US"), ("United Kingdom", "GB"), ("uk", "GB"), ("EIRE", "IE"), ("Türkiye", "TR"),
        ("Turkey", "TR"), ("RSA", "ZA"), ("", ""), ("Narnia", ""), ("Unspecified", ""), ("12", ""),
    ],
)  # fmt: skip
def test_a_country_is_known_by_the_names_people_write(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize(
    ("zone", "code"),
    [("Europe/Madrid", "ES"), ("America/Lima", "PE"), ("America/Buenos_Aires", "AR"), ("UTC", ""), ("Etc/GMT+3", "")],
)
def test_a_zone_lies_in_a_country(zone: str, code: str) -> None:
    assert zone_country(zone) == code
