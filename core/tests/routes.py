from core.models import Job
from tests.matrix.registry import DIRECTORS, EVERYONE, OWNER, PUBLIC, Cast, Route


def _job(cast: Cast) -> dict[str, str]:
    """A job the owner started."""
    return {"public_id": Job.objects.create(kind="test", actor_id=cast.owner.pk).public_id}


ROUTES = {
    "home": Route(get=EVERYONE),
    "interface_theme": Route(post=EVERYONE, body=lambda cast: {"theme": "dark"}, changed=302),
    "interface_language": Route(post=PUBLIC, body=lambda cast: {"language": "es"}, changed=302),
    "search": Route(get=EVERYONE, query="?q=ada"),
    "table_columns": Route(post=EVERYONE, body=lambda cast: {"table": "contacts", "columns": ["name"]}, changed=302),
    "job_detail": Route(get=OWNER, kwargs=_job, personal=True),
    "job_stop": Route(post=OWNER, kwargs=_job, personal=True, changed=302),
    # Hidden, not forbidden: it is for whoever builds screens.
    "design": Route(get=DIRECTORS, personal=True),
}
