"""Leads, forms and the recommendation question."""

from django.urls import URLPattern, URLResolver, path

from crm.views import public_capture as public

urlpatterns: list[URLPattern | URLResolver] = [
    path("f/lead/<str:public_id>/", public.lead_form, name="lead_form"),
    path("f/lead/<str:public_id>/thanks/", public.lead_form_thanks, name="lead_form_thanks"),
    path("f/confirm/<str:token>/", public.lead_form_confirm, name="lead_form_confirm"),
    path("nps/<str:token>/", public.nps_answer, name="nps_answer"),
]
