"""The API of campaigns."""

from django.urls import URLPattern, URLResolver, path

from campaigns.campaigns import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("campaigns/", api.CampaignListView.as_view(), name="api_campaign_list"),
    path("campaigns/<str:public_id>/", api.CampaignDetailView.as_view(), name="api_campaign_detail"),
    path("campaigns/<str:public_id>/launch/", api.CampaignLaunchView.as_view(), name="api_campaign_launch"),
    path("campaigns/<str:public_id>/cancel/", api.CampaignCancelView.as_view(), name="api_campaign_cancel"),
]
