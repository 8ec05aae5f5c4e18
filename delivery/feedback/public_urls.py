"""Where mail providers report to."""

from django.urls import URLPattern, URLResolver, path

from delivery.feedback.views import webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/mail/<str:public_id>/", webhooks.provider_webhook, name="provider_hook"),
]
