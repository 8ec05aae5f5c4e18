"""Spend and targets."""

from django.urls import URLPattern, URLResolver, path

from marketing.views import spend

urlpatterns: list[URLPattern | URLResolver] = [
    path("spend/", spend.spend_list, name="spend_list"),
    path("spend/week/", spend.spend_grid, name="spend_grid"),
    path("spend/new/", spend.spend_create, name="spend_create"),
    path("spend/<int:pk>/", spend.spend_edit, name="spend_edit"),
    path("spend/<int:pk>/delete/", spend.spend_remove, name="spend_delete"),
    path("spend/restore/<str:token>/", spend.spend_undo, name="spend_restore"),
    path("targets/", spend.target_list, name="target_list"),
    path("targets/<int:pk>/delete/", spend.target_delete, name="target_delete"),
]
