"""The salesperson's pages, and the office's side of mini-lists."""

from django.urls import URLPattern, path

from crm.views import minilists, my

urlpatterns: list[URLPattern] = [
    path("my/day/", my.my_day, name="my_day"),
    path("my/day/<str:public_id>/done/", my.day_done, name="day_done"),
    path("my/day/<str:public_id>/later/", my.day_later, name="day_later"),
    path("my/day/<str:public_id>/called/", my.day_called, name="day_called"),
    path("my/customers/", my.my_customers, name="my_customers"),
    path("my/customers/add/", my.my_customer_add, name="my_customer_add"),
    path("my/customers/take/", my.my_customer_take, name="my_customer_take"),
    path("my/customers/<str:public_id>/", my.my_customer_edit, name="my_customer_edit"),
    path("attend/mini-lists/", minilists.minilist_list, name="minilist_list"),
    path("attend/mini-lists/assign/", minilists.minilist_choose, name="minilist_assign"),
]
