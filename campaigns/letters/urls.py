"""Addresses of a salesperson's writing desk, and of the office's list of letters."""

from django.urls import URLPattern, URLResolver, path

from campaigns.letters import views

LETTER = "write/<str:public_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("email/letters/", views.letter_list, name="letter_list"),
    path("write/", views.write, name="write"),
    path("write/new/", views.letter_create_view, name="letter_create"),
    path(f"{LETTER}/", views.letter_detail, name="letter_detail"),
    path(f"{LETTER}/recipients/", views.letter_recipients, name="letter_recipients"),
    path(f"{LETTER}/test/", views.letter_test_view, name="letter_test"),
    path(f"{LETTER}/preview/", views.letter_preview, name="letter_preview"),
    path(f"{LETTER}/test-send/", views.letter_test_send, name="letter_test_send"),
    path(f"{LETTER}/tests/", views.letter_trials, name="letter_trials"),
    path(f"{LETTER}/send/", views.letter_launch_view, name="letter_launch"),
    path(f"{LETTER}/resume/", views.letter_resume, name="letter_resume"),
    path(f"{LETTER}/cancel/", views.letter_cancel, name="letter_cancel"),
    path(f"{LETTER}/retry-failed/", views.letter_retry_failed, name="letter_retry_failed"),
    path(f"{LETTER}/resend-unknown/", views.letter_resend_unknown, name="letter_resend_unknown"),
    path(f"{LETTER}/discard/", views.letter_discard_view, name="letter_discard"),
]
