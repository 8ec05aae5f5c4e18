"""Addresses of what came back, and of where it is heard of."""

from django.urls import URLPattern, URLResolver, path

from delivery.feedback.views import bounces, sources

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/bounces/", bounces.bounce_list, name="bounce_list"),
    path("email/bounces/<int:pk>/", bounces.bounce_detail, name="bounce_detail"),
    path("email/bounces/setup/", bounces.bounce_setup, name="bounce_setup"),
    path("email/bounces/suppressed/", bounces.suppression_list, name="suppression_list"),
    path("email/bounces/suppressed/add/", bounces.suppression_create, name="suppression_create"),
    path("email/bounces/suppressed/<int:pk>/", bounces.suppression_detail, name="suppression_detail"),
    path("email/bounces/suppressed/<int:pk>/remove/", bounces.suppression_remove_view, name="suppression_remove"),
    path("email/bounces/mailboxes/new/", sources.mailbox_create, name="mailbox_create"),
    path("email/bounces/mailboxes/<int:pk>/", sources.mailbox_update, name="mailbox_update"),
    path("email/bounces/mailboxes/<int:pk>/test/", sources.mailbox_test_view, name="mailbox_test"),
    path("email/bounces/mailboxes/<int:pk>/poll/", sources.mailbox_poll_view, name="mailbox_poll"),
    path("email/bounces/mailboxes/<int:pk>/archive/", sources.mailbox_archive_view, name="mailbox_archive"),
    path("email/bounces/mailboxes/<int:pk>/restore/", sources.mailbox_restore, name="mailbox_restore"),
    path("email/bounces/providers/new/", sources.webhook_create, name="hook_create"),
    path("email/bounces/providers/<str:public_id>/", sources.webhook_update, name="hook_update"),
    path("email/bounces/providers/<str:public_id>/archive/", sources.webhook_archive_view, name="hook_archive"),
    path("email/bounces/providers/<str:public_id>/restore/", sources.webhook_restore, name="hook_restore"),
]
