"""The side bar: every entry stands in an area that there is."""

from core.ui.navigation import areas, navigation


def test_every_entry_has_its_area() -> None:
    assert {entry.area for entry in navigation} <= {area.code for area in areas}
