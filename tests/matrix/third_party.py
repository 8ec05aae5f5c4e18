"""Routes that packages bring, and those left out of the matrix with the reason."""

from tests.matrix.registry import PUBLIC, Route

ROUTES: dict[str, Route] = {
    "api_schema": Route(get=PUBLIC),
    "api_docs": Route(get=PUBLIC),
}

# URL name (or pattern, where a package gives none) to the reason it is not asked.
LEFT_OUT: dict[str, str] = {}
