"""Recording consent and suppressing addresses."""

from django.urls import URLPattern, URLResolver, path

from crm.consent.views import consent_change, contact_bulk_suppress, suppression_change

urlpatterns: list[URLPattern | URLResolver] = [
    path("contacts/suppress/", contact_bulk_suppress, name="contact_bulk_suppress"),
    path("contacts/<str:public_id>/consent/", consent_change, name="consent_change"),
    path("contacts/<str:public_id>/suppression/", suppression_change, name="suppression_change"),
]
