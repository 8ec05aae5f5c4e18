"""Addresses of sending domains and their keys."""

from django.urls import URLPattern, URLResolver, path

from delivery.domains import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/deliverability/", views.deliverability, name="deliverability"),
    path("email/deliverability/<int:pk>/", views.domain_detail, name="domain_detail"),
    path("email/deliverability/<int:pk>/warm-up/", views.warmup_update, name="warmup_update"),
    path("email/deliverability/<int:pk>/check/", views.domain_check, name="domain_check"),
    path("email/deliverability/<int:pk>/keys/", views.key_create, name="dkim_key_create"),
    path("email/keys/<int:pk>/activate/", views.key_activate, name="dkim_key_activate"),
    path("email/keys/<int:pk>/retire/", views.key_retire, name="dkim_key_retire"),
]
