"""Addresses of senders."""

from django.urls import URLPattern, URLResolver, path

from delivery.senders import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/settings/senders/new/", views.identity_create, name="identity_create"),
    path("email/settings/senders/<int:pk>/", views.identity_update, name="identity_update"),
    path("email/settings/senders/<int:pk>/archive/", views.identity_archive_view, name="identity_archive"),
    path("email/settings/senders/<int:pk>/restore/", views.identity_restore, name="identity_restore"),
]
