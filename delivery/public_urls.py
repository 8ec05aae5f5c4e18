"""The addresses in our mails that Django answers; pixels and clicks are answered by `delivery.tracking`."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("delivery.preferences.public_urls")),
    path("", include("delivery.feedback.public_urls")),
]
