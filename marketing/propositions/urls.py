"""Addresses of value propositions."""

from django.urls import URLPattern, URLResolver, path

from marketing.propositions import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("propositions/", views.proposition_list, name="proposition_list"),
    path("propositions/new/", views.proposition_create_view, name="proposition_create"),
    path("propositions/archive/", views.proposition_bulk_archive, name="proposition_bulk_archive"),
    path("propositions/restore/", views.proposition_bulk_restore, name="proposition_bulk_restore"),
    path("propositions/<slug:public_id>/", views.proposition_detail, name="proposition_detail"),
    path("propositions/<slug:public_id>/archive/", views.proposition_archive_view, name="proposition_archive"),
    path("propositions/<slug:public_id>/restore/", views.proposition_restore_view, name="proposition_restore"),
    path("propositions/<slug:public_id>/<int:number>/edit/", views.version_edit_view, name="version_edit"),
    path(
        "propositions/<slug:public_id>/<int:number>/put-in-force/",
        views.version_put_in_force_view,
        name="version_put_in_force",
    ),
    path(
        "propositions/<slug:public_id>/<int:number>/redefine/",
        views.version_redefine_view,
        name="version_redefine",
    ),
    path("propositions/<slug:public_id>/<int:number>/judge/", views.version_judge_view, name="version_judge"),
]
