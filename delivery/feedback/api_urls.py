"""The API of what came back."""

from django.urls import URLPattern, URLResolver, path

from delivery.feedback.api import BounceListView, SuppressionListView

urlpatterns: list[URLPattern | URLResolver] = [
    path("bounces/", BounceListView.as_view(), name="api_bounce_list"),
    path("suppressions/", SuppressionListView.as_view(), name="api_suppression_list"),
]
