"""The API of delivery, by feature."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("delivery.feedback.api_urls")),
    path("", include("delivery.domains.api_urls")),
    path("", include("delivery.transports.api_urls")),
]
