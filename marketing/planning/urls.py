"""Addresses of targets."""

from django.urls import URLPattern, URLResolver, path

from marketing.planning import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("targets/", views.target_list, name="target_list"),
    path("targets/<int:pk>/delete/", views.target_delete, name="target_delete"),
]
