"""Addresses for programs."""

from django.urls import include, path, re_path

from api import casola, privacyfilter_run
from api.pastes import public_paste
from api.schema import serve

app_name = "api"
urlpatterns = [
    path("v1/", include("api.v1.urls")),
    path("schema/", serve.openapi_json, name="schema"),
    path("schema/dialects/", serve.dialects_json, name="schema_dialects"),
    path("docs/", serve.docs, name="docs"),
    re_path(r"^redact/?$", privacyfilter_run.Redact.as_view(), name="redact"),
    re_path(r"^redact/batch/?$", privacyfilter_run.Batch.as_view(), name="redact_batch"),
    # Whatever stands there: its errors have the shape of its dialect.
    re_path(r"^jobs/(?P<job_id>[\s\S]+?)/?$", casola.Job.as_view(), name="job"),
    re_path(r"^paste/(?P<pid>[\w-]{6,32})$", public_paste, name="public_paste"),
]
