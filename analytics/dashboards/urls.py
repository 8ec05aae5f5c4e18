"""Addresses of the dashboards: the Overview, its drill-downs, a salesperson's own results."""

from django.urls import URLPattern, URLResolver, path

from analytics.dashboards.views import drilldowns, my_results, overview

urlpatterns: list[URLPattern | URLResolver] = [
    path("overview/", overview.overview, name="overview"),
    path("overview/customers/", drilldowns.new_customer_list, name="new_customer_list"),
    path("demand/", drilldowns.channel_overview, name="channel_overview"),
    path("demand/funnel/", drilldowns.funnel, name="funnel"),
    path("demand/funnel/people/", drilldowns.lead_people_list, name="lead_people_list"),
    path("my/results/", my_results.my_results, name="my_results"),
    path("relationship/nps/", drilldowns.nps_overview, name="nps_overview"),
    path("relationship/nps/answers/", drilldowns.nps_list, name="nps_list"),
]
