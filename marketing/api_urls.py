from django.urls import URLPattern, URLResolver, path

from marketing.spend import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("spend/", api.SpendCreateView.as_view(), name="api_spend_create"),
]
