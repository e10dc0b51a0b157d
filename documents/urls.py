"""Addresses of documents."""

from django.urls import path, re_path

from documents.views import exports, links, mine, pages, public, reader, upload, verify

app_name = "documents"
_PID = r"^(?P<pid>[\w-]{12,32})"
_PAGE = rf"{_PID}/original/pages/(?P<number>[1-9][0-9]{{0,5}})"
urlpatterns = [
    path("", upload.documents, name="documents"),
    path("verify", verify.verify, name="verify"),
    re_path(rf"{_PID}$", public.document_public, name="document_public"),
    re_path(rf"{_PID}/raw$", public.document_raw, name="document_raw"),
    re_path(rf"{_PID}/file$", public.document_file, name="document_file"),
    re_path(rf"{_PID}/certificate$", public.document_certificate, name="document_certificate"),
    re_path(rf"{_PID}/links$", links.document_links, name="document_links"),
    re_path(rf"{_PID}/progress$", links.document_progress, name="document_progress"),
    re_path(rf"{_PID}/retry$", links.document_retry, name="document_retry"),
    re_path(rf"{_PID}/delete$", mine.document_delete, name="document_delete"),
    re_path(rf"{_PID}/expiry$", mine.document_expiry, name="document_expiry"),
    re_path(rf"{_PID}/link$", mine.document_link, name="document_link"),
    re_path(rf"{_PID}/original$", reader.document_original, name="document_original"),
    re_path(rf"{_PID}/original/spans$", reader.document_spans, name="document_spans"),
    re_path(rf"{_PID}/original/clean$", reader.document_clean, name="document_clean"),
    re_path(rf"{_PAGE}$", pages.document_page, name="document_page"),
    re_path(rf"{_PAGE}\.png$", pages.document_picture, name="document_picture"),
    re_path(rf"{_PID}/original/file$", exports.source_file, name="source_file"),
    re_path(rf"{_PID}/original/text$", exports.original_text, name="original_text"),
    re_path(rf"{_PID}/original/spans\.json$", exports.spans_json, name="spans_json"),
    re_path(rf"{_PID}/original/spans\.csv$", exports.spans_csv, name="spans_csv"),
    re_path(rf"{_PID}/original/numbered$", exports.numbered, name="numbered"),
    re_path(rf"{_PID}/original/map$", exports.numbered_map, name="numbered_map"),
]
