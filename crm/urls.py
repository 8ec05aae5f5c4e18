"""The addresses of crm, feature by feature."""

from django.urls import URLPattern, URLResolver, include, path

from crm.activities import urls as activities
from crm.consent import urls as consent
from crm.contact_pages import urls as contacts
from crm.forms import urls as forms
from crm.imports import urls as imports
from crm.leads import urls as leads
from crm.sales import urls as sales
from crm.scoring import urls as scoring
from crm.surveys import urls as surveys

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(feature))
    for feature in (activities, consent, contacts, sales, imports, scoring, leads, forms, surveys)
]
