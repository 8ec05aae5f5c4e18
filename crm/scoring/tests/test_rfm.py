"""Scores and segments."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.people.models import User
from core.errors import DomainError
from crm.contacts.tests.factories import ContactFactory
from crm.sales.tests.factories import OrderFactory
from crm.sales.tests.test_order_import import SHARED, bring
from crm.scoring.models import RfmRun, RfmScore, RfmSegment
from crm.scoring.rfm_grid import map_places, map_tiles
from crm.scoring.services.rfm import ALL_CELLS, cells_check, rfm_default_as_of, rfm_export, rfm_score, rfm_segments_save

PLACED = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMED = {
    "Abbey O'Reilly": "343",
    "Add Senger": "412",
    "Aden Lesch": "323",
    "Aden Murphy": "544",
    "Admiral Senger": "433",
}


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, db: None) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_nobody_bought() -> None:
    with pytest.raises(DomainError) as refused:
        rfm_score()
    assert refused.value.code == "no_customers"


def test_one_customer_says_so() -> None:
    OrderFactory.create(placed_at=PLACED)
    result = rfm_score()
    assert (result.customers, result.as_of.isoformat()) == (1, "2026-03-02")
    assert result.message


def test_equal_values_get_equal_scores_and_a_new_run_replaces_the_old() -> None:
    for days in (0, 0, 1, 2, 3, 3, 50):
        OrderFactory.create(placed_at=PLACED - timedelta(days=days))
    rfm_score()
    assert RfmScore.objects.values_list("f", "m").distinct().count() == 1
    by_days: dict[int, set[int]] = {}
    for score in RfmScore.objects.all():
        by_days.setdefault(score.recency_days, set()).add(score.r)
    assert all(len(scores) == 1 for scores in by_days.values())
    rfm_score()
    assert (RfmScore.objects.count(), RfmRun.objects.count()) == (7, 2)


def test_archived_people_and_later_orders_do_not_count() -> None:
    OrderFactory.create(placed_at=PLACED)
    OrderFactory.create(placed_at=PLACED, contact=ContactFactory.create(archived_at=PLACED))
    OrderFactory.create(placed_at=PLACED + timedelta(days=9))
    assert rfm_score(as_of=PLACED.date()).customers == 1


def test_default_day_is_after_the_last_order() -> None:
    assert rfm_default_as_of() is None
    OrderFactory.create(placed_at=PLACED)
    assert str(rfm_default_as_of()) == "2026-03-02"


def test_segments_cover_every_cell_once() -> None:
    listed = [cell for segment in RfmSegment.objects.all() for cell in segment.cells]
    assert len(listed) == len(ALL_CELLS) == 125
    assert set(listed) == ALL_CELLS
    assert len(map_places(RfmSegment.objects.all())) == 25
    assert sum(tile.width * tile.height for tile in map_tiles()) == 25


@pytest.mark.parametrize("cells", [["555"], [*ALL_CELLS, "555"], [*ALL_CELLS, "600"]])
def test_a_table_with_gaps_or_overlaps_is_refused(cells: list[str]) -> None:
    with pytest.raises(DomainError) as refused:
        cells_check({"one": cells})
    assert refused.value.code == "rfm_cells_not_covered"


def test_redrawing_the_map_moves_customers_at_once(director: User) -> None:
    OrderFactory.create(placed_at=PLACED)
    rfm_score()
    places = dict.fromkeys(map_places(RfmSegment.objects.all()), "lost")
    rfm_segments_save(places=places, texts={}, actor=director)
    assert RfmScore.objects.get().segment.code == "lost"


@pytest.mark.real_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public data sets are not here")
def test_the_published_example() -> None:
    bring((SHARED / "rfm_data_orders.csv").read_bytes(), "rfm.csv")
    result = rfm_score()
    assert result.as_json() == {
        "as_of": "2006-12-31",
        "customers": 995,
        "edges": {"recency": [115, 181, 297.4, 482], "frequency": [4, 5, 6, 8], "monetary": [255.8, 382, 506.4, 666]},
    }
    out = io.StringIO()
    assert rfm_export(to=out) == 995
    found = {line.rsplit(",", 3)[0]: "".join(line.rsplit(",", 3)[1:]) for line in out.getvalue().splitlines()[1:]}
    assert {name: found[name] for name in NAMED} == NAMED
