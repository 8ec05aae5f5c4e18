"""Lead forms: the office's pages, and the public ones."""

from django.urls import URLPattern, URLResolver, path

from crm.forms.public_views import lead_form, lead_form_confirm, lead_form_thanks
from crm.forms.views import (
    lead_form_close,
    lead_form_create,
    lead_form_detail,
    lead_form_edit,
    lead_form_list,
    lead_form_open,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("forms/", lead_form_list, name="lead_form_list"),
    path("forms/new/", lead_form_create, name="lead_form_create"),
    path("forms/<str:public_id>/", lead_form_detail, name="lead_form_detail"),
    path("forms/<str:public_id>/edit/", lead_form_edit, name="lead_form_edit"),
    path("forms/<str:public_id>/close/", lead_form_close, name="lead_form_close"),
    path("forms/<str:public_id>/open/", lead_form_open, name="lead_form_open"),
    path("f/lead/<str:public_id>/", lead_form, name="lead_form"),
    path("f/lead/<str:public_id>/thanks/", lead_form_thanks, name="lead_form_thanks"),
    path("f/confirm/<str:token>/", lead_form_confirm, name="lead_form_confirm"),
]
