"""Addresses of the company's settings."""

from django.urls import URLPattern, URLResolver, path

from accounts.company import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/company/", views.company_settings, name="company_settings"),
]
