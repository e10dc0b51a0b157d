"""JSON as programs get it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer


class ExactJSONRenderer(BaseRenderer):
    """Writes every text that came in: what UTF-8 cannot hold (half a surrogate pair) as escapes."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body of a response."""
        if data is None:
            return b""
        try:
            return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            return json.dumps(data, separators=(",", ":")).encode()
