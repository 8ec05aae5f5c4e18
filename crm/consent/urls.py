"""Recording consent and suppressing addresses."""

from django.urls import URLPattern, URLResolver, path

from crm.consent.views import consent_change, suppression_change

urlpatterns: list[URLPattern | URLResolver] = [
    path("contacts/<str:public_id>/consent/", consent_change, name="consent_change"),
    path("contacts/<str:public_id>/suppression/", suppression_change, name="suppression_change"),
]
