"""All addresses of the server."""

from django.urls import include, path, re_path

from accounts.admin_site import site
from api.casola import Pii
from config import contact, errors, health, metrics
from config.csp import csp_report

urlpatterns = [
    path("", include("pastebin.urls")),
    path("", include("images.urls")),
    path("documents/", include("documents.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/webhooks/", include("webhooks.urls")),
    path("", include("workspaces.urls")),
    path("", include("moderation.urls")),
    path("w/<str:wid>/", include("library.urls")),
    path("w/<str:wid>/review/", include("review.urls")),
    path("w/<str:wid>/policies/", include("policies.urls")),
    path("w/<str:wid>/", include("oversight.urls")),
    path("api/", include("api.urls")),
    path("", include("api.gradio.urls")),
    re_path(r"^openai/v1/pii/?$", Pii.as_view(), name="openai_pii"),
    path("admin/", site.urls),
    path(".well-known/security.txt", contact.security_txt, name="security_txt"),
    path("csp-report", csp_report, name="csp_report"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("readyz/web", health.readyz_web, name="readyz_web"),
    path("metrics", metrics.metrics, name="metrics"),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
# Asked by allauth.
handler429 = errors.too_many
handler500 = errors.server_error
