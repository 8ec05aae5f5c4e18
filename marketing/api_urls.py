from django.urls import URLPattern, URLResolver, path

from marketing import api_spend

urlpatterns: list[URLPattern | URLResolver] = [
    path("spend/", api_spend.SpendCreateView.as_view(), name="api_spend_create"),
]
