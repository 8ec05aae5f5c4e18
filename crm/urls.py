from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("crm.urls_base")),
    path("", include("crm.urls_capture")),
    path("", include("crm.my_urls")),
]
