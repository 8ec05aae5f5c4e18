"""What the pages of segments and propositions promise to whom."""

from typing import Any

from marketing.models import PropositionVersion, Segment
from marketing.tests.factories import PropositionVersionFactory, SegmentFactory
from tests.matrix.registry import MARKETERS, OFFICE, Cast, Route

RULES = {"n.group": "all", "n_0.field": "city", "n_0.operator": "is", "n_0.value": "Lima"}
WORDS = {
    "headline": "Tea tomorrow",
    "hypothesis": "More repeat",
    "customer_job": "",
    "pains": "",
    "gains": "",
    "offer": "",
    "proof": "",
}


def _segment() -> Segment:
    made: Segment = SegmentFactory.create()
    return made


def _version(**fields: Any) -> PropositionVersion:
    made: PropositionVersion = PropositionVersionFactory.create(**fields)
    return made


def segment(cast: Cast) -> dict[str, Any]:
    return {"public_id": _segment().public_id}


def proposition(cast: Cast) -> dict[str, Any]:
    return {"public_id": _version().proposition.public_id}


def draft(cast: Cast) -> dict[str, Any]:
    version = _version()
    return {"public_id": version.proposition.public_id, "number": version.number}


def in_force(cast: Cast) -> dict[str, Any]:
    version = _version(state="in_force")
    return {"public_id": version.proposition.public_id, "number": version.number}


def chosen_segment(cast: Cast) -> dict[str, Any]:
    return {"ids": _segment().public_id}


def chosen_proposition(cast: Cast) -> dict[str, Any]:
    return {"ids": _version().proposition.public_id}


ROUTES = {
    "segment_bulk_archive": Route(post=MARKETERS, body=chosen_segment, changed=302),
    "segment_bulk_restore": Route(post=MARKETERS, body=chosen_segment, changed=302),
    "proposition_bulk_archive": Route(post=MARKETERS, body=chosen_proposition, changed=302),
    "proposition_bulk_restore": Route(post=MARKETERS, body=chosen_proposition, changed=302),
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
    "proposition_list": Route(get=OFFICE),
    "proposition_create": Route(
        get=MARKETERS,
        post=MARKETERS,
        body=lambda cast: {"segment": _segment().public_id, "name": "Fast tea", **WORDS},
        changed=302,
    ),
    "proposition_detail": Route(get=OFFICE, kwargs=proposition),
    "proposition_archive": Route(post=MARKETERS, kwargs=proposition, changed=302),
    "proposition_restore": Route(post=MARKETERS, kwargs=proposition, changed=302),
    "version_edit": Route(
        get=MARKETERS, post=MARKETERS, kwargs=draft, body=lambda cast: {"revision": "1", **WORDS}, changed=302
    ),
    "version_put_in_force": Route(post=MARKETERS, kwargs=draft, changed=302),
    "version_redefine": Route(post=MARKETERS, kwargs=in_force, changed=302),
    "version_judge": Route(
        post=MARKETERS, kwargs=in_force, body=lambda cast: {"verdict": "confirmed", "note": "It held."}, changed=302
    ),
}
