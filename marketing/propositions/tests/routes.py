"""What the pages of value propositions promise to whom."""

from typing import Any

from marketing.propositions.models import PropositionVersion
from marketing.propositions.tests.factories import PropositionVersionFactory
from marketing.segments.models import Segment
from marketing.segments.tests.factories import SegmentFactory
from tests.matrix.registry import MARKETERS, OFFICE, Cast, Route

TEXTS = {
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


def proposition(cast: Cast) -> dict[str, Any]:
    return {"public_id": _version().proposition.public_id}


def draft(cast: Cast) -> dict[str, Any]:
    version = _version()
    return {"public_id": version.proposition.public_id, "number": version.number}


def in_force(cast: Cast) -> dict[str, Any]:
    version = _version(state="in_force")
    return {"public_id": version.proposition.public_id, "number": version.number}


def chosen_proposition(cast: Cast) -> dict[str, Any]:
    return {"ids": _version().proposition.public_id}


ROUTES = {
    "proposition_bulk_archive": Route(post=MARKETERS, body=chosen_proposition, changed=302),
    "proposition_bulk_restore": Route(post=MARKETERS, body=chosen_proposition, changed=302),
    "proposition_list": Route(get=OFFICE),
    "proposition_create": Route(
        get=MARKETERS,
        post=MARKETERS,
        body=lambda cast: {"segment": _segment().public_id, "name": "Fast tea", **TEXTS},
        changed=302,
    ),
    "proposition_detail": Route(get=OFFICE, kwargs=proposition),
    "proposition_archive": Route(post=MARKETERS, kwargs=proposition, changed=302),
    "proposition_restore": Route(post=MARKETERS, kwargs=proposition, changed=302),
    "version_edit": Route(
        get=MARKETERS, post=MARKETERS, kwargs=draft, body=lambda cast: {"revision": "1", **TEXTS}, changed=302
    ),
    "version_put_in_force": Route(post=MARKETERS, kwargs=draft, changed=302),
    "version_redefine": Route(post=MARKETERS, kwargs=in_force, changed=302),
    "version_judge": Route(
        post=MARKETERS, kwargs=in_force, body=lambda cast: {"verdict": "confirmed", "note": "It held."}, changed=302
    ),
}
