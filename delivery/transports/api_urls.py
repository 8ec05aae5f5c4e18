"""The API of providers."""

from django.urls import URLPattern, URLResolver, path

from delivery.transports.api import ProviderDetailView, ProviderListView, ProviderPauseView, ProviderResumeView

urlpatterns: list[URLPattern | URLResolver] = [
    path("providers/", ProviderListView.as_view(), name="api_provider_list"),
    path("providers/<str:public_id>/", ProviderDetailView.as_view(), name="api_provider_detail"),
    path("providers/<str:public_id>/pause/", ProviderPauseView.as_view(), name="api_provider_pause"),
    path("providers/<str:public_id>/resume/", ProviderResumeView.as_view(), name="api_provider_resume"),
]
