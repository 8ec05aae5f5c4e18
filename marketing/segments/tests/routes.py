"""What the pages of segments promise to whom."""

from typing import Any

from marketing.segments.models import Segment
from marketing.segments.tests.factories import SegmentFactory
from tests.matrix.registry import MARKETERS, OFFICE, Cast, Route

RULES = {"n.group": "all", "n_0.field": "city", "n_0.operator": "is", "n_0.value": "Lima"}


def _segment() -> Segment:
    made: Segment = SegmentFactory.create()
    return made


def segment(cast: Cast) -> dict[str, Any]:
    return {"public_id": _segment().public_id}


def chosen_segment(cast: Cast) -> dict[str, Any]:
    return {"ids": _segment().public_id}


ROUTES = {
    "segment_bulk_archive": Route(post=MARKETERS, body=chosen_segment, changed=302),
    "segment_bulk_restore": Route(post=MARKETERS, body=chosen_segment, changed=302),
    "segment_map": Route(get=OFFICE),
    "segment_list": Route(get=OFFICE),
    "segment_create": Route(
        get=MARKETERS, post=MARKETERS, body=lambda cast: {"name": "In Lima", "version": "0", **RULES}, changed=302
    ),
    "segment_builder": Route(post=MARKETERS, body=lambda cast: {**RULES, "do": "add:n:age"}),
    "segment_preview": Route(post=MARKETERS, body=lambda cast: RULES),
    "segment_detail": Route(get=OFFICE, kwargs=segment),
    "segment_edit": Route(
        get=MARKETERS,
        post=MARKETERS,
        kwargs=segment,
        body=lambda cast: {"name": "Renamed", "version": "1", **RULES},
        changed=302,
    ),
    "segment_export": Route(get=OFFICE, kwargs=segment),
    "segment_archive": Route(post=MARKETERS, kwargs=segment, changed=302),
    "segment_restore": Route(post=MARKETERS, kwargs=segment, changed=302),
    "segment_duplicate": Route(post=MARKETERS, kwargs=segment, changed=302),
    "segment_count": Route(post=MARKETERS, kwargs=segment, changed=302),
}
