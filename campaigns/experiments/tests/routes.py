"""What the pages and API routes of learnings promise to whom."""

from tests.matrix.registry import OFFICE, Route

ROUTES = {
    "learning_list": Route(get=OFFICE),
}
