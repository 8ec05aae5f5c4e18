"""Addresses of a person's API tokens."""

from django.urls import URLPattern, URLResolver, path

from accounts.tokens import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/tokens/", views.token_list, name="token_list"),
    path("settings/tokens/new/", views.token_create_view, name="token_create"),
    path("settings/tokens/revoke/", views.tokens_revoke_view, name="tokens_revoke"),
]
