"""What the API of the key figures promises to whom."""

from tests.matrix.registry import EVERYONE, Route

ROUTES = {
    "api_kpis": Route(get=EVERYONE, query="?by=channel"),
    "api_kpis_csv": Route(get=EVERYONE),
    "api_kpi_definitions": Route(get=EVERYONE),
}
