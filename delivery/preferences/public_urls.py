"""The addresses in our mails by which readers choose, leave, or read in the browser."""

from django.urls import URLPattern, URLResolver, path

from delivery.preferences.views import online, preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("u/<str:token>", preferences.unsubscribe, name="mail_unsubscribe"),
    path("view/<str:token>", online.mail_online, name="mail_online"),
    path("preferences/<str:token>", preferences.preferences, name="mail_preferences"),
]
