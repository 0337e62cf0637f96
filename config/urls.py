"""Every address of Weerwoord: the officer's pages, the API, the admin and the two probes."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", include("cases.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("cases.web.urls")),
]

handler500 = "config.errors.server_error"
