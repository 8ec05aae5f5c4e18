"""Addresses of the audit trail."""

from django.urls import URLPattern, URLResolver, path

from accounts.audit import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("data/audit/", views.audit_list, name="audit_list"),
    path("data/audit/export/", views.audit_export, name="audit_export"),
]
