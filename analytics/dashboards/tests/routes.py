"""What the dashboards promise to whom."""

from tests.matrix.registry import OFFICE, SALESPEOPLE, Route

ROUTES = {
    "overview": Route(get=OFFICE),
    "new_customer_list": Route(get=OFFICE),
    "channel_overview": Route(get=OFFICE),
    "funnel": Route(get=OFFICE),
    "lead_people_list": Route(get=OFFICE, query="?reached=answered"),
    "my_results": Route(get=SALESPEOPLE),
    "nps_overview": Route(get=OFFICE),
    "nps_list": Route(get=OFFICE),
}
