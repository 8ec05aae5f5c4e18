"""Addresses of segments."""

from django.urls import URLPattern, URLResolver, path

from marketing.segments import editor, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("strategy/map/", views.segment_map, name="segment_map"),
    path("segments/", views.segment_list, name="segment_list"),
    path("segments/new/", editor.segment_create_view, name="segment_create"),
    path("segments/builder/", editor.segment_builder, name="segment_builder"),
    path("segments/preview/", editor.segment_preview, name="segment_preview"),
    path("segments/archive/", views.segment_bulk_archive, name="segment_bulk_archive"),
    path("segments/restore/", views.segment_bulk_restore, name="segment_bulk_restore"),
    path("segments/<slug:public_id>/", views.segment_detail, name="segment_detail"),
    path("segments/<slug:public_id>/edit/", editor.segment_edit, name="segment_edit"),
    path("segments/<slug:public_id>/people.csv", views.segment_export, name="segment_export"),
    path("segments/<slug:public_id>/archive/", views.segment_archive_view, name="segment_archive"),
    path("segments/<slug:public_id>/restore/", views.segment_restore_view, name="segment_restore"),
    path("segments/<slug:public_id>/duplicate/", views.segment_duplicate_view, name="segment_duplicate"),
    path("segments/<slug:public_id>/count/", views.segment_count_view, name="segment_count"),
]
