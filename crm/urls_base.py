"""Addresses of contacts, orders, imports and the RFM map."""

from django.urls import path

from crm.views import contact_bulk, contacts, imports, orders, rfm

urlpatterns = [
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("contacts/new/", contacts.contact_create, name="contact_create"),
    path("contacts/assign/", contact_bulk.contact_bulk_assign, name="contact_bulk_assign"),
    path("contacts/archive/", contact_bulk.contact_bulk_archive, name="contact_bulk_archive"),
    path("contacts/restore/", contact_bulk.contact_bulk_restore, name="contact_bulk_restore"),
    path("contacts/suppress/", contact_bulk.contact_bulk_suppress, name="contact_bulk_suppress"),
    path("contacts/<str:public_id>/", contacts.contact_detail, name="contact_detail"),
    path("contacts/<str:public_id>/timeline/", contacts.contact_timeline, name="contact_timeline"),
    path("contacts/<str:public_id>/change/", contacts.contact_change, name="contact_change"),
    path("contacts/<str:public_id>/archive/", contacts.contact_archive, name="contact_archive"),
    path("contacts/<str:public_id>/restore/", contacts.contact_restore, name="contact_restore"),
    path("contacts/<str:public_id>/notes/", contacts.note_create, name="note_create"),
    path("contacts/<str:public_id>/consent/", contacts.consent_change, name="consent_change"),
    path("contacts/<str:public_id>/suppression/", contacts.suppression_change, name="suppression_change"),
    path("contacts/<str:public_id>/orders/new/", orders.order_create, name="order_create"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<int:pk>/", orders.order_detail, name="order_detail"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_create, name="import_create"),
    path("imports/<str:public_id>/", imports.import_detail, name="import_detail"),
    path("imports/<str:public_id>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<str:public_id>/start/", imports.import_begin, name="import_begin"),
    path("imports/<str:public_id>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<str:public_id>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<str:public_id>/rejects/", imports.import_rejects, name="import_rejects"),
    path("rfm/", rfm.rfm_map, name="rfm_map"),
    path("rfm/score/", rfm.rfm_score, name="rfm_score"),
    path("rfm/progress/<str:public_id>/", rfm.rfm_progress, name="rfm_progress"),
    path("rfm/segments/", rfm.rfm_segments, name="rfm_segments"),
]
