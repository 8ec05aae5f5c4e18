"""The list of contacts and the page of each."""

from django.urls import URLPattern, URLResolver, path

from crm.contact_pages.bulk import (
    contact_bulk_archive,
    contact_bulk_assign,
    contact_bulk_restore,
    contact_bulk_suppress,
)
from crm.contact_pages.views import (
    contact_archive,
    contact_change,
    contact_create,
    contact_detail,
    contact_list,
    contact_restore,
    contact_stage_set,
    contact_timeline,
    note_create,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("contacts/", contact_list, name="contact_list"),
    path("contacts/new/", contact_create, name="contact_create"),
    path("contacts/assign/", contact_bulk_assign, name="contact_bulk_assign"),
    path("contacts/suppress/", contact_bulk_suppress, name="contact_bulk_suppress"),
    path("contacts/archive/", contact_bulk_archive, name="contact_bulk_archive"),
    path("contacts/restore/", contact_bulk_restore, name="contact_bulk_restore"),
    path("contacts/<str:public_id>/", contact_detail, name="contact_detail"),
    path("contacts/<str:public_id>/timeline/", contact_timeline, name="contact_timeline"),
    path("contacts/<str:public_id>/notes/", note_create, name="note_create"),
    path("contacts/<str:public_id>/change/", contact_change, name="contact_change"),
    path("contacts/<str:public_id>/stage/", contact_stage_set, name="contact_stage_set"),
    path("contacts/<str:public_id>/archive/", contact_archive, name="contact_archive"),
    path("contacts/<str:public_id>/restore/", contact_restore, name="contact_restore"),
]
