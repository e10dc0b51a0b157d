"""Documents, as the schema describes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiRequest
from rest_framework import serializers

from anonymizer.text import Style
from api.schema import items
from api.schema.describe import BINARY, IDEMPOTENCY_KEY, PROOF, answer, body_of, describe
from api.schema.values import PUBLIC_ID, TOKEN, CountsField, Offset, OperatingPointField
from api.v1.shared import EXPIRES
from documents.formats.model import Kind, Role
from documents.forms import LONGEST_PASSWORD
from documents.models import CleanState, State

FILES = ("Content-Disposition",)
MULTIPART = "multipart/form-data"
CLEAN_PROBLEMS = ("not_ready", "failed", "clean_making", "clean_blocked", "clean_failed")
_STAGES = [
    "queued", "reading", "ocr", "scanning", "writing", "checking", "ready", "failed",
]  # fmt: skip
_QUEUED = {
    "stage": "queued",
    "sentence": "In the queue",
    "done": 0,
    "total": 0,
    "position": 1,
    "percent": None,
}
RECEIVED = {
    "id": PUBLIC_ID,
    "state": "received",
    "kind": None,
    "progress": _QUEUED,
    "revision": 0,
    "created_at": "2026-11-21T09:00:00+00:00",
    "expires_at": "2026-11-28T09:00:00+00:00",
    "public_url": f"https://paste.example.org/documents/{PUBLIC_ID}",
    "error": None,
}
_ORIGINAL = {
    "name": "Letter of Ann Lee.txt",
    "revision": 0,
    "text": "Ann Lee called.",
    "spans": [items.SPAN],
    "blocks": [{"role": "paragraph", "start": 0, "end": 15, "page": None}],
}


class NewFile(items.PlaceFields):
    """A file to redact; its kind is told by its content."""

    file = serializers.FileField(allow_empty_file=False)
    expires = serializers.ChoiceField(choices=EXPIRES, required=False, default="7d")
    operating_point = OperatingPointField()


class NewDocument(NewFile):
    """A document to redact."""

    style = serializers.ChoiceField(  # type: ignore[assignment]
        choices=[str(style.value) for style in Style], required=False, default="placeholder"
    )
    password = serializers.CharField(
        required=False, max_length=LONGEST_PASSWORD, help_text="Of an encrypted PDF."
    )
    rasterise = serializers.BooleanField(
        required=False, default=False, help_text="Write pictures of a PDF's pages."
    )


class Progress(serializers.Serializer[Any]):
    """How far a piece of work is."""

    stage = serializers.ChoiceField(choices=_STAGES)
    sentence = serializers.CharField(allow_blank=True, help_text="The same, for people.")
    done = Offset("Pages that are done.")
    total = Offset("Pages; 0 if it cannot be told.")
    position = serializers.IntegerField(min_value=1, allow_null=True)
    percent = serializers.IntegerField(min_value=0, max_value=100, allow_null=True)


class Check(serializers.Serializer[Any]):
    """A search for hidden values in a clean file."""

    name = serializers.CharField()
    looked_at = Offset()


class Certificate(serializers.Serializer[Any]):
    """What was done and checked, signed (Ed25519) over all other fields as sorted JSON."""

    version = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=[str(kind) for kind in Kind])
    source_sha256 = serializers.CharField()
    clean_sha256 = serializers.CharField()
    checkpoint = serializers.CharField()
    counts = CountsField()
    checks = Check(many=True)
    removed = serializers.ListField(child=serializers.CharField())
    made_at = serializers.DateTimeField()
    public_key = serializers.CharField()
    key_id = serializers.CharField()
    signature = serializers.CharField()


class CleanFile(serializers.Serializer[Any]):
    """How far the clean file is; it is handed out only when it is ready."""

    state = serializers.ChoiceField(choices=list(CleanState.values))
    progress = Progress()
    places = serializers.ListField(
        child=serializers.CharField(), help_text="Where a private value survived, if one did."
    )
    certificate = Certificate(allow_null=True)


class File(serializers.Serializer[Any]):
    """What everybody may know of a document or a picture; the last four once it is ready."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=list(State.values))
    kind = serializers.ChoiceField(choices=[str(kind) for kind in Kind], allow_null=True)
    progress = Progress()
    revision = Offset("Counts corrections.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    public_url = serializers.URLField()
    error = items.Failure(allow_null=True)
    name = serializers.CharField(required=False, help_text="Redacted.")
    counts = CountsField(required=False)
    notes = serializers.ListField(child=serializers.CharField(), required=False)
    clean_file = CleanFile(required=False)


class Document(File):
    """What everybody may know of a document; the last five once it is ready."""

    pages = Offset("Pages; 0 for what has none.", required=False)


class CreatedDocument(Document):
    """A new document and its token."""

    reveal_token = serializers.CharField(
        allow_null=True, help_text="In this answer only; null for a repeated request."
    )


class Documents(serializers.Serializer[Any]):
    """A page of a list."""

    documents = Document(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


class Block(serializers.Serializer[Any]):
    """A part of a document's text, such as a paragraph or a cell."""

    role = serializers.ChoiceField(choices=[str(role) for role in Role])
    start = Offset()
    end = Offset()
    page = serializers.IntegerField(min_value=1, allow_null=True)


class OriginalDocument(serializers.Serializer[Any]):
    """The text of an original; offsets are its code points, half-open."""

    name = serializers.CharField()
    revision = Offset()
    text = serializers.CharField()
    spans = items.Span(many=True)
    blocks = Block(many=True)


class Wish(serializers.Serializer[Any]):
    """How a clean file is to be made."""

    rasterise = serializers.BooleanField(
        required=False, default=False, help_text="As pictures of a PDF's pages."
    )


class Retry(serializers.Serializer[Any]):
    """What another try needs."""

    password = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=LONGEST_PASSWORD
    )


list_documents = describe(
    "listDocuments",
    "List your documents",
    tag="documents",
    text="One's own, newest first.",
    answers={200: answer(Documents, "A page.", {"documents": [RECEIVED], "next_cursor": None})},
    problems=("invalid",),
    parameters=items.PAGE,
    is_owned=True,
)
create = describe(
    "createDocument",
    "Hand in a document",
    tag="documents",
    text=(
        "Takes one file and answers at once. The reveal token is in this answer and nowhere else."
    ),
    body={MULTIPART: OpenApiRequest(NewDocument)},
    answers={
        202: answer(CreatedDocument, "It waits to be read.", RECEIVED | {"reveal_token": TOKEN})
    },
    problems=("idempotency_mismatch", "in_progress", "rate_limited", "proof_needed"),
    headers={202: ("Location", *items.LIMITS)},
    parameters=[IDEMPOTENCY_KEY, PROOF],
)
get = describe(
    "getDocument",
    "Ask how far a document is",
    tag="documents",
    text="How far it is, and what everybody may see of it. No key is needed.",
    answers={200: answer(Document, "The public side.", RECEIVED)},
    headers={200: ("Retry-After",)},
)
delete = items.remove("Document", "documents")
text = describe(
    "getDocumentText",
    "Read the redacted text as plain text",
    tag="documents",
    answers={(200, items.TEXT_TYPE): answer({"type": "string"}, "The redacted text.")},
    problems=("not_ready", "failed"),
)
spans = describe(
    "getDocumentOriginal",
    "Read the original text of a document",
    tag="documents",
    text="The text with its spans, blocks and the revision to correct.",
    answers={200: answer(OriginalDocument, "The original.", _ORIGINAL)},
    problems=("not_ready", "failed"),
    is_opened=True,
)
correct = describe(
    "correctDocument",
    "Correct a document",
    tag="documents",
    text="The clean file is made again.",
    body=items.CORRECTION,
    answers={
        200: answer(OriginalDocument, "The original with its spans as they are now.", _ORIGINAL)
    },
    problems=("not_ready", "failed", "conflict"),
    is_opened=True,
)
FILE_TYPES = {
    (200, kind): answer(BINARY, "The file.")
    for kind in (
        "application/pdf",
        "image/png",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
        "application/octet-stream",
    )
}
file = describe(
    "getDocumentFile",
    "Fetch the clean file",
    tag="documents",
    text="The verified clean file, in the original's format.",
    answers=FILE_TYPES,
    problems=CLEAN_PROBLEMS,
    headers={200: FILES},
)
make_file = describe(
    "makeDocumentFile",
    "Have the clean file made again",
    tag="documents",
    body=body_of(Wish, as_pictures={"rasterise": True}),
    answers={202: answer(Document, "It is being made.", RECEIVED)},
    problems=("not_ready", "failed"),
    is_opened=True,
)
source = describe(
    "getDocumentSource",
    "Fetch the original file",
    tag="documents",
    answers=FILE_TYPES,
    headers={200: FILES},
    is_opened=True,
)
certificate = describe(
    "getDocumentCertificate",
    "Fetch the certificate of the clean file",
    tag="documents",
    answers={200: answer(Certificate, "What was done and checked, signed.")},
    problems=CLEAN_PROBLEMS,
)
retry = describe(
    "retryDocument",
    "Read a failed document again",
    tag="documents",
    text="With a password, if it needs one. Nothing happens to one that did not fail.",
    body=body_of(Retry, with_a_password={"password": "open sesame"}),
    answers={202: answer(Document, "The public side.", RECEIVED)},
    is_opened=True,
)
new_link = items.new_link("Document", "documents")
end_link = items.end_link("Document", "documents")
expiry = items.expiry("Document", "documents")
