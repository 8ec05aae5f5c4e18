"""Addresses of analytics, by feature."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("analytics.dashboards.urls")),
]
