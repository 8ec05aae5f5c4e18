"""Addresses of accounts, by feature."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.people.urls")),
    path("", include("accounts.tokens.urls")),
    path("", include("accounts.company.urls")),
    path("", include("accounts.audit.urls")),
]
