"""Every address of the application, by app; the tools' own by name, as they stand above."""

from django.urls import include, path

urlpatterns = [
    path("", include("tools.urls")),
    path("", include("analytics.urls")),
    path("", include("delivery.public_urls")),
    path("", include("campaigns.urls")),
    path("", include("delivery.urls")),
    path("", include("marketing.urls")),
    path("", include("crm.urls")),
    path("", include("accounts.urls")),
    path("", include("core.urls")),
    path("api/v1/", include("config.api_urls")),
]
