"""Addresses of segments and value propositions."""

from django.urls import URLPattern, URLResolver, include, path

from marketing.views import editor, propositions, segments

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketing.urls_spend")),
    path("strategy/map/", segments.segment_map, name="segment_map"),
    path("segments/", segments.segment_list, name="segment_list"),
    path("segments/new/", editor.segment_create_view, name="segment_create"),
    path("segments/builder/", editor.segment_builder, name="segment_builder"),
    path("segments/preview/", editor.segment_preview, name="segment_preview"),
    path("segments/archive/", segments.segment_bulk_archive, name="segment_bulk_archive"),
    path("segments/restore/", segments.segment_bulk_restore, name="segment_bulk_restore"),
    path("segments/<slug:public_id>/", segments.segment_detail, name="segment_detail"),
    path("segments/<slug:public_id>/edit/", editor.segment_edit, name="segment_edit"),
    path("segments/<slug:public_id>/people.csv", segments.segment_export, name="segment_export"),
    path("segments/<slug:public_id>/archive/", segments.segment_archive_view, name="segment_archive"),
    path("segments/<slug:public_id>/restore/", segments.segment_restore_view, name="segment_restore"),
    path("segments/<slug:public_id>/duplicate/", segments.segment_duplicate_view, name="segment_duplicate"),
    path("segments/<slug:public_id>/count/", segments.segment_count_view, name="segment_count"),
    path("propositions/", propositions.proposition_list, name="proposition_list"),
    path("propositions/new/", propositions.proposition_create_view, name="proposition_create"),
    path("propositions/archive/", propositions.proposition_bulk_archive, name="proposition_bulk_archive"),
    path("propositions/restore/", propositions.proposition_bulk_restore, name="proposition_bulk_restore"),
    path("propositions/<slug:public_id>/", propositions.proposition_detail, name="proposition_detail"),
    path("propositions/<slug:public_id>/archive/", propositions.proposition_archive_view, name="proposition_archive"),
    path("propositions/<slug:public_id>/restore/", propositions.proposition_restore_view, name="proposition_restore"),
    path("propositions/<slug:public_id>/<int:number>/edit/", propositions.version_edit_view, name="version_edit"),
    path(
        "propositions/<slug:public_id>/<int:number>/put-in-force/",
        propositions.version_put_in_force_view,
        name="version_put_in_force",
    ),
    path(
        "propositions/<slug:public_id>/<int:number>/redefine/",
        propositions.version_redefine_view,
        name="version_redefine",
    ),
    path("propositions/<slug:public_id>/<int:number>/judge/", propositions.version_judge_view, name="version_judge"),
]
