"""My day and My customers, and the office's mini-lists."""

from django.urls import URLPattern, URLResolver, path

from crm.activities.views.customers import my_customer_add, my_customer_edit, my_customer_take, my_customers
from crm.activities.views.day import day_called, day_done, day_later, my_day
from crm.activities.views.mini_lists import minilist_assign_view, minilist_list

urlpatterns: list[URLPattern | URLResolver] = [
    path("my/day/", my_day, name="my_day"),
    path("my/day/<str:public_id>/done/", day_done, name="day_done"),
    path("my/day/<str:public_id>/later/", day_later, name="day_later"),
    path("my/day/<str:public_id>/called/", day_called, name="day_called"),
    path("my/customers/", my_customers, name="my_customers"),
    path("my/customers/add/", my_customer_add, name="my_customer_add"),
    path("my/customers/take/", my_customer_take, name="my_customer_take"),
    path("my/customers/<str:public_id>/", my_customer_edit, name="my_customer_edit"),
    path("attend/mini-lists/", minilist_list, name="minilist_list"),
    path("attend/mini-lists/assign/", minilist_assign_view, name="minilist_assign"),
]
