"""The import wizard."""

from django.urls import URLPattern, URLResolver, path

from crm.imports.views import (
    import_begin,
    import_columns,
    import_create,
    import_detail,
    import_list,
    import_progress,
    import_rejects,
    import_stop,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("imports/", import_list, name="import_list"),
    path("imports/new/", import_create, name="import_create"),
    path("imports/<str:public_id>/", import_detail, name="import_detail"),
    path("imports/<str:public_id>/columns/", import_columns, name="import_columns"),
    path("imports/<str:public_id>/start/", import_begin, name="import_begin"),
    path("imports/<str:public_id>/stop/", import_stop, name="import_stop"),
    path("imports/<str:public_id>/progress/", import_progress, name="import_progress"),
    path("imports/<str:public_id>/rejects/", import_rejects, name="import_rejects"),
]
