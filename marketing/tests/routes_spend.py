from tests.matrix.registry import MARKETERS, Route

ROUTES = {
    "api_spend_create": Route(
        post=MARKETERS,
        body=lambda cast: {"external_id": "1", "channel": "seo", "day": "2026-03-01", "amount": "10.00"},
    ),
}
