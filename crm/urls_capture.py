"""Leads, forms and the recommendation question."""

from django.urls import URLPattern, URLResolver, path

from crm.views import lead_forms, leads
from crm.views import public_capture as public

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/", leads.lead_list, name="lead_list"),
    path("leads/new/", leads.lead_create, name="lead_create"),
    path("leads/assign/", leads.leads_hand_on, name="leads_assign"),
    path("leads/<str:public_id>/", leads.lead_detail, name="lead_detail"),
    path("leads/<str:public_id>/delete/", leads.lead_remove, name="lead_delete"),
    path("forms/", lead_forms.lead_form_list, name="lead_form_list"),
    path("forms/new/", lead_forms.lead_form_create, name="lead_form_create"),
    path("forms/<str:public_id>/", lead_forms.lead_form_detail, name="lead_form_detail"),
    path("forms/<str:public_id>/edit/", lead_forms.lead_form_edit, name="lead_form_edit"),
    path("forms/<str:public_id>/close/", lead_forms.lead_form_close, name="lead_form_close"),
    path("forms/<str:public_id>/open/", lead_forms.lead_form_open, name="lead_form_open"),
    path("f/lead/<str:public_id>/", public.lead_form, name="lead_form"),
    path("f/lead/<str:public_id>/thanks/", public.lead_form_thanks, name="lead_form_thanks"),
    path("f/confirm/<str:token>/", public.lead_form_confirm, name="lead_form_confirm"),
    path("nps/<str:token>/", public.nps_answer, name="nps_answer"),
]
