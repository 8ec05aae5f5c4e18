"""Addresses of the mail catcher's pages."""

from django.urls import URLPattern, URLResolver, path

from tools import mail_catcher_views as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("mail/", views.caught_mail_list, name="caught_mail_list"),
    path("mail/messages.json", views.caught_mail_json, name="caught_mail_json"),
    path("mail/<str:message_id>/", views.caught_mail_detail, name="caught_mail_detail"),
    path("mail/<str:message_id>/letter/", views.caught_mail_letter, name="caught_mail_letter"),
]
