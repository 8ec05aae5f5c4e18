from django.urls import URLPattern, URLResolver, path

from campaigns import api, api_bounces

urlpatterns: list[URLPattern | URLResolver] = [
    path("bounces/", api_bounces.BounceListView.as_view(), name="api_bounce_list"),
    path("suppressions/", api_bounces.SuppressionListView.as_view(), name="api_suppression_list"),
    path("campaigns/", api.CampaignListView.as_view(), name="api_campaign_list"),
    path("campaigns/<str:public_id>/", api.CampaignDetailView.as_view(), name="api_campaign_detail"),
    path("campaigns/<str:public_id>/launch/", api.CampaignLaunchView.as_view(), name="api_campaign_launch"),
    path("campaigns/<str:public_id>/cancel/", api.CampaignCancelView.as_view(), name="api_campaign_cancel"),
]
