"""The RFM map."""

from django.urls import URLPattern, URLResolver, path

from crm.scoring.views import rfm_map, rfm_progress, rfm_score, rfm_segments

urlpatterns: list[URLPattern | URLResolver] = [
    path("rfm/", rfm_map, name="rfm_map"),
    path("rfm/score/", rfm_score, name="rfm_score"),
    path("rfm/progress/<str:public_id>/", rfm_progress, name="rfm_progress"),
    path("rfm/segments/", rfm_segments, name="rfm_segments"),
]
