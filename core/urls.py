from django.urls import URLPattern, URLResolver, path

from core.views import interface, search

urlpatterns: list[URLPattern | URLResolver] = [
    path("", interface.home, name="home"),
    path("interface/theme/", interface.interface_theme, name="interface_theme"),
    path("interface/language/", interface.interface_language, name="interface_language"),
    path("search/", search.search, name="search"),
]
