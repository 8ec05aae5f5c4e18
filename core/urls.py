from django.urls import URLPattern, URLResolver, path

from core.views import design, interface, jobs, search, tables

urlpatterns: list[URLPattern | URLResolver] = [
    path("", interface.home, name="home"),
    path("interface/theme/", interface.interface_theme, name="interface_theme"),
    path("interface/language/", interface.interface_language, name="interface_language"),
    path("search/", search.search, name="search"),
    path("interface/columns/", tables.table_columns, name="table_columns"),
    path("jobs/<str:public_id>/", jobs.job_detail, name="job_detail"),
    path("jobs/<str:public_id>/stop/", jobs.job_stop, name="job_stop"),
    path("design/", design.design, name="design"),
]
