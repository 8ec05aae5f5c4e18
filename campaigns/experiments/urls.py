"""Addresses of what tests taught."""

from django.urls import URLPattern, URLResolver, path

from campaigns.experiments.views import learning_list

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/learnt/", learning_list, name="learning_list"),
]
