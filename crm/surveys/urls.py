"""The public page of the recommendation question."""

from django.urls import URLPattern, URLResolver, path

from crm.surveys.views import nps_answer

urlpatterns: list[URLPattern | URLResolver] = [
    path("nps/<str:token>/", nps_answer, name="nps_answer"),
]
