from django.urls import URLPattern, URLResolver, path

from analytics.views import my, rooms
from analytics.views.overview import overview

urlpatterns: list[URLPattern | URLResolver] = [
    path("overview/", overview, name="overview"),
    path("overview/customers/", rooms.new_customer_list, name="new_customer_list"),
    path("demand/", rooms.channel_overview, name="channel_overview"),
    path("demand/funnel/", rooms.funnel, name="funnel"),
    path("demand/funnel/people/", rooms.lead_people_list, name="lead_people_list"),
    path("my/results/", my.my_results, name="my_results"),
    path("relationship/nps/", rooms.nps_overview, name="nps_overview"),
    path("relationship/nps/answers/", rooms.nps_list, name="nps_list"),
]
