"""Addresses of marketing, by feature."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketing.spend.urls")),
    path("", include("marketing.planning.urls")),
    path("", include("marketing.segments.urls")),
    path("", include("marketing.propositions.urls")),
]
