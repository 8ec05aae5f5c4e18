"""Addresses of templates."""

from django.urls import URLPattern, URLResolver, path

from campaigns.content.views import templates

urlpatterns: list[URLPattern | URLResolver] = [
    path("email/templates/", templates.template_list, name="template_list"),
    path("email/templates/new/", templates.template_create, name="template_create"),
    path("email/templates/shipped/<str:use>/<slug:code>/", templates.starter_preview, name="starter_preview"),
    path("email/templates/<str:public_id>/", templates.template_update, name="template_update"),
    path("email/templates/<str:public_id>/preview/", templates.template_preview, name="template_preview"),
    path("email/templates/<str:public_id>/archive/", templates.template_archive_view, name="template_archive"),
    path("email/templates/<str:public_id>/restore/", templates.template_restore, name="template_restore"),
]
