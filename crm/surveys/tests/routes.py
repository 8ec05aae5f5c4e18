from crm.surveys.services import nps_url
from tests.matrix.registry import MARKETERS, PUBLIC, Route

ROUTES = {
    "nps_answer": Route(
        get=PUBLIC,
        post=PUBLIC,
        kwargs=lambda cast: {"token": nps_url(cast.contact.public_id).rstrip("/").rsplit("/", 1)[1]},
        body=lambda cast: {"score": "9", "comment": "Good"},
    ),
    "api_nps_create": Route(post=MARKETERS, body=lambda cast: {"external_id": "1", "score": 9}),
}
