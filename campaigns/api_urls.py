from django.urls import URLPattern, URLResolver, path

from campaigns import api, api_bounces, api_sending

urlpatterns: list[URLPattern | URLResolver] = [
    path("bounces/", api_bounces.BounceListView.as_view(), name="api_bounce_list"),
    path("suppressions/", api_bounces.SuppressionListView.as_view(), name="api_suppression_list"),
    path("sending-domains/", api_sending.DomainListView.as_view(), name="api_domain_list"),
    path("sending-domains/<str:name>/", api_sending.DomainDetailView.as_view(), name="api_domain_detail"),
    path("sending-domains/<str:name>/check/", api_sending.DomainCheckView.as_view(), name="api_domain_check"),
    path("providers/", api_sending.ProviderListView.as_view(), name="api_provider_list"),
    path("providers/<str:public_id>/", api_sending.ProviderDetailView.as_view(), name="api_provider_detail"),
    path("providers/<str:public_id>/pause/", api_sending.ProviderPauseView.as_view(), name="api_provider_pause"),
    path("providers/<str:public_id>/resume/", api_sending.ProviderResumeView.as_view(), name="api_provider_resume"),
    path("campaigns/", api.CampaignListView.as_view(), name="api_campaign_list"),
    path("campaigns/<str:public_id>/", api.CampaignDetailView.as_view(), name="api_campaign_detail"),
    path("campaigns/<str:public_id>/launch/", api.CampaignLaunchView.as_view(), name="api_campaign_launch"),
    path("campaigns/<str:public_id>/cancel/", api.CampaignCancelView.as_view(), name="api_campaign_cancel"),
]
