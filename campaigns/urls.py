"""Addresses of campaigns, by feature."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.experiments.urls")),
    path("", include("campaigns.content.urls")),
    path("", include("campaigns.campaigns.urls")),
    path("", include("campaigns.letters.urls")),
]
