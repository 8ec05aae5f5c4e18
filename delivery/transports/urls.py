"""Addresses of providers."""

from django.urls import URLPattern, URLResolver, path

from delivery.transports import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/deliverability/providers/", views.provider_list, name="provider_list"),
    path("email/deliverability/providers/new/", views.provider_create, name="provider_create"),
    path("email/deliverability/providers/<int:pk>/", views.provider_update, name="provider_update"),
    path("email/deliverability/providers/<int:pk>/test/", views.provider_test_view, name="provider_test"),
    path("email/deliverability/providers/<int:pk>/send/", views.provider_test_send_view, name="provider_test_send"),
    path("email/deliverability/providers/<int:pk>/pause/", views.provider_pause_view, name="provider_pause"),
    path("email/deliverability/providers/<int:pk>/resume/", views.provider_resume, name="provider_resume"),
    path("email/deliverability/providers/<int:pk>/archive/", views.provider_archive_view, name="provider_archive"),
    path("email/deliverability/providers/<int:pk>/restore/", views.provider_restore, name="provider_restore"),
]
