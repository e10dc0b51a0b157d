"""Addresses as people pass them on: whole links, and their QR codes."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import segno
from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as one SVG path in modules, without its quiet zone."""

    size: int
    d: str


def absolute(request: HttpRequest, path: str) -> str:
    """Return the full address of a path on this server."""
    return settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)


def qr_code(address: str) -> QrCode:
    """Return the QR code of an address."""
    # With a given mask: trying all eight takes five times as long, and any of them can be read.
    code = segno.make(address, micro=False, mask=2)
    out = io.BytesIO()
    code.save(out, kind="svg", border=0, xmldecl=False, svgns=False, nl=False)
    path = re.search(r' d="([^"]+)"', out.getvalue().decode("ascii"))
    assert path is not None
    # segno draws strokes along the middle of each row, half a module below its upper edge.
    return QrCode(int(code.symbol_size(border=0)[0]), path[1])
