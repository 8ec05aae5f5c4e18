"""The API of sending domains."""

from django.urls import URLPattern, URLResolver, path

from delivery.domains import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("sending-domains/", api.DomainListView.as_view(), name="api_domain_list"),
    path("sending-domains/<str:name>/", api.DomainDetailView.as_view(), name="api_domain_detail"),
    path("sending-domains/<str:name>/check/", api.DomainCheckView.as_view(), name="api_domain_check"),
]
