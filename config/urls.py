"""Every address of the application, by app."""

from django.urls import include, path

from config import caught_mail

urlpatterns = [
    path("mail/", caught_mail.caught_mail_list, name="caught_mail_list"),
    path("mail/messages.json", caught_mail.caught_mail_json, name="caught_mail_json"),
    path("mail/<str:message_id>/", caught_mail.caught_mail_detail, name="caught_mail_detail"),
    path("mail/<str:message_id>/letter/", caught_mail.caught_mail_letter, name="caught_mail_letter"),
    path("", include("analytics.urls")),
    path("", include("campaigns.urls_public")),
    path("", include("campaigns.urls")),
    path("", include("marketing.urls")),
    path("", include("crm.urls")),
    path("", include("accounts.urls")),
    path("", include("core.urls")),
    path("api/v1/", include("config.api_urls")),
]
