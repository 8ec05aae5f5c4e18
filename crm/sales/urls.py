"""Orders."""

from django.urls import URLPattern, URLResolver, path

from crm.sales.views import order_create, order_detail, order_list

urlpatterns: list[URLPattern | URLResolver] = [
    path("contacts/<str:public_id>/orders/new/", order_create, name="order_create"),
    path("orders/", order_list, name="order_list"),
    path("orders/<int:pk>/", order_detail, name="order_detail"),
]
