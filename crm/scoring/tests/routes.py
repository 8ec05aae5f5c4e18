from typing import Any

from core.models import Job
from crm.scoring.models import RfmSegment
from crm.scoring.rfm_grid import map_places
from crm.scoring.tests.factories import RfmRunFactory
from tests.matrix.registry import MARKETERS, OFFICE, Cast, Route


def _job(cast: Cast) -> dict[str, Any]:
    return {"public_id": Job.objects.create(kind="rfm").public_id}


def _places(cast: Cast) -> dict[str, Any]:
    return {f"place_{r}_{w}": code for (r, w), code in map_places(RfmSegment.objects.all()).items()}


def _scored(cast: Cast) -> dict[str, Any]:
    RfmRunFactory.create()
    return {}


ROUTES = {
    "rfm_map": Route(get=OFFICE, kwargs=_scored),
    "rfm_score": Route(post=MARKETERS, body=lambda cast: {"as_of": "2026-01-31"}, changed=302),
    "rfm_progress": Route(get=OFFICE, kwargs=_job),
    "rfm_segments": Route(get=MARKETERS, post=MARKETERS, body=_places, changed=302),
}
