"""Leads."""

from django.urls import URLPattern, URLResolver, path

from crm.leads.views import lead_create, lead_delete_view, lead_detail, lead_list, leads_assign_view

urlpatterns: list[URLPattern | URLResolver] = [
    path("leads/", lead_list, name="lead_list"),
    path("leads/new/", lead_create, name="lead_create"),
    path("leads/assign/", leads_assign_view, name="leads_assign"),
    path("leads/<str:public_id>/", lead_detail, name="lead_detail"),
    path("leads/<str:public_id>/delete/", lead_delete_view, name="lead_delete"),
]
