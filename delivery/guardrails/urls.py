"""Addresses of the settings of e-mail."""

from django.urls import URLPattern, URLResolver, path

from delivery.guardrails.views import email_retention, email_settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/settings/", email_settings, name="email_settings"),
    path("email/settings/kept/", email_retention, name="email_retention"),
]
