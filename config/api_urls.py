"""Every address of the API, version 1; each app lists its own in `api_urls.py`."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from config.openapi import ApiDocsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", ApiDocsView.as_view(), name="api_docs"),
    path("", include("analytics.api_urls")),
    path("", include("campaigns.api_urls")),
    path("", include("delivery.api_urls")),
    path("", include("marketing.api_urls")),
    path("", include("crm.api_urls")),
]
