"""Addresses of the native API."""

from django.urls import path, re_path

from api.schema import serve
from api.v1 import (
    documents,
    images,
    jobs,
    keys,
    pastes,
    policies,
    redact,
    trials,
    unknown,
    webhooks,
)

app_name = "v1"
_DOCUMENT = r"^documents/(?P<pid>[\w-]{6,32})"
_PASTE = r"^pastes/(?P<pid>[\w-]{6,32})"
_WEBHOOK = r"^webhooks/(?P<webhook_id>[\w-]{1,32})"
_IMAGE = r"^images/(?P<pid>[\w-]{6,32})"
urlpatterns = [
    path("openapi.json", serve.openapi_json, name="openapi_json"),
    path("openapi.yaml", serve.openapi_yaml, name="openapi_yaml"),
    path("redact", redact.Redact.as_view(), name="redact"),
    path("batch", redact.Batch.as_view(), name="batch"),
    path("restore", redact.Restore.as_view(), name="restore"),
    re_path(r"^jobs/(?P<job_id>[\w-]{1,64})$", jobs.OneJob.as_view(), name="job"),
    re_path(r"^jobs/(?P<job_id>[\w-]{1,64})/result$", jobs.JobResult.as_view(), name="job_result"),
    path("keys", keys.Keys.as_view(), name="keys"),
    path("keys/<int:key_id>", keys.OneKey.as_view(), name="key"),
    path("keys/<int:key_id>/rotation", keys.KeyRotation.as_view(), name="key_rotation"),
    path("usage", keys.Usage.as_view(), name="usage"),
    path("webhooks", webhooks.Webhooks.as_view(), name="webhooks"),
    re_path(rf"{_WEBHOOK}$", webhooks.OneWebhook.as_view(), name="webhook"),
    re_path(rf"{_WEBHOOK}/secret$", webhooks.WebhookSecret.as_view(), name="webhook_secret"),
    re_path(rf"{_WEBHOOK}/test$", webhooks.WebhookTest.as_view(), name="webhook_test"),
    re_path(rf"{_WEBHOOK}/deliveries$", webhooks.Deliveries.as_view(), name="deliveries"),
    re_path(
        rf"{_WEBHOOK}/deliveries/(?P<delivery_id>[\w-]{{1,32}})/redelivery$",
        webhooks.Redelivery.as_view(),
        name="redelivery",
    ),
    path("pastes", pastes.Pastes.as_view(), name="pastes"),
    re_path(rf"{_PASTE}$", pastes.OnePaste.as_view(), name="paste"),
    re_path(rf"{_PASTE}/text$", pastes.PasteText.as_view(), name="paste_text"),
    re_path(rf"{_PASTE}/spans$", pastes.PasteSpans.as_view(), name="paste_spans"),
    re_path(rf"{_PASTE}/opening$", pastes.PasteOpening.as_view(), name="paste_opening"),
    re_path(rf"{_PASTE}/retry$", pastes.PasteRetry.as_view(), name="paste_retry"),
    re_path(rf"{_PASTE}/link$", pastes.PasteLink.as_view(), name="paste_link"),
    re_path(rf"{_PASTE}/expiry$", pastes.PasteExpiry.as_view(), name="paste_expiry"),
    path("documents", documents.Documents.as_view(), name="documents"),
    re_path(rf"{_DOCUMENT}$", documents.OneDocument.as_view(), name="document"),
    re_path(rf"{_DOCUMENT}/text$", documents.DocumentText.as_view(), name="document_text"),
    re_path(rf"{_DOCUMENT}/spans$", documents.DocumentSpans.as_view(), name="document_spans"),
    re_path(rf"{_DOCUMENT}/file$", documents.DocumentFile.as_view(), name="document_file"),
    re_path(rf"{_DOCUMENT}/source$", documents.DocumentSource.as_view(), name="document_source"),
    re_path(
        rf"{_DOCUMENT}/certificate$",
        documents.DocumentCertificate.as_view(),
        name="document_certificate",
    ),
    re_path(rf"{_DOCUMENT}/retry$", documents.DocumentRetry.as_view(), name="document_retry"),
    re_path(rf"{_DOCUMENT}/link$", documents.DocumentLink.as_view(), name="document_link"),
    re_path(rf"{_DOCUMENT}/expiry$", documents.DocumentExpiry.as_view(), name="document_expiry"),
    path("images", images.Images.as_view(), name="images"),
    re_path(rf"{_IMAGE}$", images.OneImage.as_view(), name="image"),
    re_path(rf"{_IMAGE}/bars$", images.ImageBars.as_view(), name="image_bars"),
    re_path(rf"{_IMAGE}/file$", images.ImageFile.as_view(), name="image_file"),
    re_path(rf"{_IMAGE}/source$", images.ImageSource.as_view(), name="image_source"),
    path("policies", policies.Policies.as_view(), name="policies"),
    path("policies/try", trials.PolicyTrial.as_view(), name="policy_trial"),
    path("policies/<int:policy_id>", policies.OnePolicy.as_view(), name="policy"),
    path(
        "policies/<int:policy_id>/versions",
        policies.PolicyVersions.as_view(),
        name="policy_versions",
    ),
    path(
        "policies/<int:policy_id>/versions/<int:number>",
        policies.OnePolicyVersion.as_view(),
        name="policy_version",
    ),
    # Last: whatever else begins like this.
    re_path(r"", unknown.Unknown.as_view(), name="unknown"),
]
