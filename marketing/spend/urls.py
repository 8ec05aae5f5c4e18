"""Addresses of spend."""

from django.urls import URLPattern, URLResolver, path

from marketing.spend import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("spend/", views.spend_list, name="spend_list"),
    path("spend/week/", views.spend_grid, name="spend_grid"),
    path("spend/new/", views.spend_create, name="spend_create"),
    path("spend/<int:pk>/", views.spend_edit, name="spend_edit"),
    path("spend/<int:pk>/delete/", views.spend_remove, name="spend_delete"),
    path("spend/restore/<str:token>/", views.spend_undo, name="spend_restore"),
]
