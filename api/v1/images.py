"""Pictures for programs: hand in, wait, read and move the bars, fetch the flattened picture.

A picture is a document: all that `/api/v1/documents/<id>` does works for it too. Who may open the
original sends the reveal token (`Reveal-Token`), or is the owner, by session or by a key with the
scope reveal. Places are whole pixels of the picture as it is seen, turned by its mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.http import Http404, StreamingHttpResponse
from django.urls import reverse
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema import images as schema
from api.schema.describe import described
from api.v1 import documents as api_documents
from api.v1.base import NativeView, fields_of
from api.v1.documents import access_of, hand_in, later, own_page, ready, why_no_file
from api.v1.problems import Problem
from api.v1.shared import correctable, removable, shown
from documents import services
from documents.formats.kinds import begins_picture
from documents.formats.model import Kind
from documents.models import Document, State
from images.bars import BarsError
from images.services import read_bars, save_bars
from images.state import state_as_json
from sharing.access import Access
from sharing.links import absolute
from sharing.recorded import note_export, note_opening
from sharing.services import delete

_NO_PICTURE = "This is no picture of a kind that is taken: PNG, JPEG, WebP, GIF, TIFF or BMP."
_PRIVATE = {"Cache-Control": "no-store"}


@described(get=schema.list_images, post=schema.create)
class Images(NativeView):
    """The collection."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "redact"}
    parser_classes = (MultiPartParser, FormParser)

    def get(self, request: Request) -> Response:
        """List the signed-in person's own pictures, newest first; `cursor` continues a list."""
        found, cursor = own_page(request, Document.objects.filter(kind=Kind.PICTURE))
        listed = [as_json(request, picture) for picture in found]
        return Response({"images": listed, "next_cursor": cursor})

    def post(self, request: Request) -> Response:
        """Take a picture (multipart: file, operating_point, expires, expires_at).

        202 with the picture and the reveal token, which is never shown again.
        """
        created = hand_in(request, refuse=_refused)
        body = as_json(request, created.document) | {"reveal_token": created.token}
        address = reverse("api:v1:image", args=[created.document.pid])
        return Response(body, 202, headers={"Location": address} | _PRIVATE)


@described(get=schema.get, delete=schema.delete)
class OneImage(NativeView):
    """A picture's public side."""

    def get(self, request: Request, pid: str) -> Response:
        """Return how far it is, and what everybody may see of it."""
        picture = _picture(shown(request, Document, pid))
        return Response(as_json(request, picture), headers=later(picture))

    def delete(self, request: Request, pid: str) -> Response:
        """Delete the picture with its bars and keys."""
        access = removable(request, Document, pid)
        delete(_picture(access.item), by=access.user)
        return Response(status=204)


@described(get=schema.bars, put=schema.set_bars)
class ImageBars(NativeView):
    """The bars over the original."""

    parser_classes = (JSONParser,)

    def get(self, request: Request, pid: str) -> Response:
        """Return size, fill, bars with what they hide, and the revision to change."""
        access = _access(request, pid)
        ready(access.item)
        note_opening(access, via="api")
        return Response(_bars_as_json(access), headers=_PRIVATE)

    def put(self, request: Request, pid: str) -> Response:
        """Set all bars: `{"revision", "fill", "bars": [{"id", "x", "y", "width", "height", ...}]}`.

        Each bar has a label too, and may have `"on": false`. Returns what `get` does; the flattened
        picture follows.
        """
        access = correctable(_access(request, pid))
        ready(access.item)
        value = fields_of(request, ("revision", "fill", "bars"))
        revision = value.get("revision")
        if type(revision) is not int:
            raise Problem(422, "invalid", "`revision` is the number that GET told.")
        try:
            save_bars(
                document=access.item,
                key=access.key,
                revision=revision,
                value=value,
                by=access.user,
            )
        except BarsError as exc:
            raise Problem(422, "invalid", str(exc)) from exc
        fresh = replace(access, item=shown(request, Document, pid))
        return Response(_bars_as_json(fresh), headers=_PRIVATE)


@described(get=schema.file)
class ImageFile(NativeView):
    """The flattened picture."""

    def get(self, request: Request, pid: str) -> StreamingHttpResponse:
        """Return the verified PNG; 409 while there is none for the present bars."""
        picture = ready(_picture(shown(request, Document, pid)))
        if not picture.has_clean_file:
            raise Problem(409, f"clean_{picture.clean_state}", why_no_file(picture))
        return _as_file(services.read_clean(picture), "image/png", "picture.png")


@described(get=schema.source)
class ImageSource(NativeView):
    """The original file."""

    def get(self, request: Request, pid: str) -> StreamingHttpResponse:
        """Return the original bytes to who may open them."""
        access = _access(request, pid)
        note_export(access, "file")
        content = services.read_source(access.item, access.key)
        return _as_file(content, "application/octet-stream", "picture")


def as_json(request: Request, picture: Document) -> dict[str, Any]:
    """Return the public side of a picture."""
    body = api_documents.as_json(request, picture)
    body.pop("pages", None)
    address = reverse("images:image_public", args=[picture.pid])
    return body | {"public_url": absolute(request, address)}


def _access(request: Request, pid: str) -> Access[Document]:
    access = access_of(request, pid)
    _picture(access.item)
    return access


def _picture(document: Document) -> Document:
    """Return a document that is a picture, or may still become one. Raises Http404."""
    is_open = document.state in {State.RECEIVED, State.FAILED} and not document.kind
    if document.kind != Kind.PICTURE and not is_open:
        raise Http404
    return document


def _refused(content: bytes) -> str:
    return "" if begins_picture(content) else _NO_PICTURE


def _bars_as_json(access: Access[Document]) -> dict[str, Any]:
    return state_as_json(access.item, read_bars(access.item, access.key))


def _as_file(content: Iterable[bytes], kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Robots-Tag": "noindex"}
    return StreamingHttpResponse(content, content_type=kind, headers=headers | _PRIVATE)
