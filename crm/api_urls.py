from django.urls import URLPattern, URLResolver, path

from crm import api_capture

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/", api_capture.LeadCreateView.as_view(), name="api_lead_create"),
    path("nps/", api_capture.NpsCreateView.as_view(), name="api_nps_create"),
]
