"""The addresses in our mails that Django answers; pixels and clicks are answered by `campaigns.tracking`."""

from django.urls import URLPattern, URLResolver, path

from campaigns.views import hooks, online, preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", preferences.unsubscribe, name="mail_unsubscribe"),
    path("view/<str:token>", online.mail_online, name="mail_online"),
    path("preferences/<str:token>", preferences.preferences, name="mail_preferences"),
    path("hooks/mail/<str:public_id>/", hooks.provider_hook, name="provider_hook"),
]
