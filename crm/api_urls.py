from django.urls import URLPattern, URLResolver, path

from crm.leads.api import LeadCreateView
from crm.surveys.api import NpsCreateView

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/", LeadCreateView.as_view(), name="api_lead_create"),
    path("nps/", NpsCreateView.as_view(), name="api_nps_create"),
]
