from django.urls import URLPattern, URLResolver, path

from analytics.kpis import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("kpis/", api.KpiListView.as_view(), name="api_kpis"),
    path("kpis.csv", api.KpiCsvView.as_view(), {"format": "csv"}, name="api_kpis_csv"),
    path("kpis/definitions/", api.KpiDefinitionsView.as_view(), name="api_kpi_definitions"),
]
