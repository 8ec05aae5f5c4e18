"""Addresses of delivery's pages, by feature."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("delivery.guardrails.urls")),
    path("", include("delivery.senders.urls")),
    path("", include("delivery.domains.urls")),
    path("", include("delivery.transports.urls")),
    path("", include("delivery.feedback.urls")),
]
