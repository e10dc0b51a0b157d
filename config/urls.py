"""All addresses of the server."""

from django.urls import include, path

from config import errors, health, metrics

urlpatterns = [
    path("", include("pastebin.urls")),
    path("accounts/", include("accounts.urls")),
    path("api/", include("api.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
