"""Addresses of the native API."""

from django.urls import path, re_path

from api.v1 import documents, jobs, keys, redact

app_name = "v1"
_DOCUMENT = r"^documents/(?P<pid>[\w-]{6,32})"
urlpatterns = [
    path("redact", redact.Redact.as_view(), name="redact"),
    path("batch", redact.Batch.as_view(), name="batch"),
    path("restore", redact.Restore.as_view(), name="restore"),
    re_path(r"^jobs/(?P<job_id>[\w-]{1,64})$", jobs.OneJob.as_view(), name="job"),
    re_path(r"^jobs/(?P<job_id>[\w-]{1,64})/result$", jobs.JobResult.as_view(), name="job_result"),
    path("keys", keys.Keys.as_view(), name="keys"),
    path("keys/<int:key_id>", keys.OneKey.as_view(), name="key"),
    path("keys/<int:key_id>/rotation", keys.KeyRotation.as_view(), name="key_rotation"),
    path("usage", keys.Usage.as_view(), name="usage"),
    path("documents", documents.Documents.as_view(), name="documents"),
    re_path(rf"{_DOCUMENT}$", documents.OneDocument.as_view(), name="document"),
    re_path(rf"{_DOCUMENT}/text$", documents.DocumentText.as_view(), name="document_text"),
    re_path(rf"{_DOCUMENT}/spans$", documents.DocumentSpans.as_view(), name="document_spans"),
    re_path(rf"{_DOCUMENT}/file$", documents.DocumentFile.as_view(), name="document_file"),
    re_path(rf"{_DOCUMENT}/source$", documents.DocumentSource.as_view(), name="document_source"),
]
