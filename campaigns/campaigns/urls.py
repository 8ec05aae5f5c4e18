"""Addresses of campaigns."""

from django.urls import URLPattern, URLResolver, path

from campaigns.campaigns.views import campaigns, content, sending, steps
from campaigns.campaigns.views.optimise import campaign_optimise
from campaigns.campaigns.views.overview import email_overview

CAMPAIGN = "campaigns/<str:public_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("email/", email_overview, name="email_overview"),
    path("campaigns/", campaigns.campaign_list, name="campaign_list"),
    path("campaigns/new/", campaigns.campaign_create_view, name="campaign_new"),
    path("campaigns/archive/", campaigns.campaign_bulk_archive, name="campaign_bulk_archive"),
    path("campaigns/restore/", campaigns.campaign_bulk_restore, name="campaign_bulk_restore"),
    path(f"{CAMPAIGN}/", campaigns.campaign_detail, name="campaign_detail"),
    path(f"{CAMPAIGN}/archive/", campaigns.campaign_archive_view, name="campaign_archive"),
    path(f"{CAMPAIGN}/restore/", campaigns.campaign_restore, name="campaign_restore"),
    path(f"{CAMPAIGN}/duplicate/", campaigns.campaign_duplicate_view, name="campaign_duplicate"),
    path(f"{CAMPAIGN}/plan/", steps.campaign_plan_view, name="campaign_plan"),
    path(f"{CAMPAIGN}/create/", steps.campaign_create_step, name="campaign_create"),
    path(f"{CAMPAIGN}/content/", content.campaign_content, name="campaign_content"),
    path(f"{CAMPAIGN}/content/readers/", content.campaign_readers, name="campaign_readers"),
    path(f"{CAMPAIGN}/content/template/", content.campaign_template_apply, name="campaign_template_apply"),
    path(f"{CAMPAIGN}/content/tests/", content.campaign_trials, name="campaign_trials"),
    path(f"{CAMPAIGN}/content/add/", content.campaign_variant_add, name="campaign_variant_add"),
    path(f"{CAMPAIGN}/content/<str:label>/remove/", content.campaign_variant_remove, name="campaign_variant_remove"),
    path(f"{CAMPAIGN}/content/<str:label>/copy/", content.campaign_variant_copy, name="campaign_variant_copy"),
    path(f"{CAMPAIGN}/content/<str:label>/preview/", content.campaign_preview, name="campaign_preview"),
    path(f"{CAMPAIGN}/content/<str:label>/test-send/", content.campaign_test_send, name="campaign_test_send"),
    path(f"{CAMPAIGN}/offer/", steps.campaign_offer, name="campaign_offer"),
    path(f"{CAMPAIGN}/test/", steps.campaign_test, name="campaign_test"),
    path(f"{CAMPAIGN}/send/", sending.campaign_send, name="campaign_send"),
    path(f"{CAMPAIGN}/launch/", sending.campaign_launch_view, name="campaign_launch"),
    path(f"{CAMPAIGN}/unschedule/", sending.campaign_unschedule, name="campaign_unschedule"),
    path(f"{CAMPAIGN}/pause/", sending.campaign_pause, name="campaign_pause"),
    path(f"{CAMPAIGN}/resume/", sending.campaign_resume, name="campaign_resume"),
    path(f"{CAMPAIGN}/cancel/", sending.campaign_cancel, name="campaign_cancel"),
    path(f"{CAMPAIGN}/retry-failed/", sending.campaign_retry_failed, name="campaign_retry_failed"),
    path(f"{CAMPAIGN}/resend-unknown/", sending.campaign_resend_unknown, name="campaign_resend_unknown"),
    path(f"{CAMPAIGN}/monitor/", sending.campaign_monitor, name="campaign_monitor"),
    path(f"{CAMPAIGN}/results.csv", sending.campaign_results_export, name="campaign_results_export"),
    path(f"{CAMPAIGN}/progress/", sending.campaign_progress, name="campaign_progress"),
    path(f"{CAMPAIGN}/ledger/", sending.campaign_ledger, name="campaign_ledger"),
    path(f"{CAMPAIGN}/optimise/", campaign_optimise, name="campaign_optimise"),
]
