"""Uploads stay in memory: a private text must not touch the disk in plain."""

from __future__ import annotations

from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

# Where whole files arrive; elsewhere a request holds no more than a paste.
FILE_PATHS = ("/documents/", "/images/", "/api/v1/documents", "/gradio_api/upload")


class BoundedMemoryUploadHandler(MemoryFileUploadHandler):
    """Takes uploads into memory and refuses a request that is larger than this server takes."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> Any:
        """Check the announced size before anything is read. Raises RequestDataTooBig."""
        takes_files = self.request is not None and self.request.path.startswith(FILE_PATHS)
        limit = settings.MAX_REQUEST_BYTES if takes_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > limit:
            raise RequestDataTooBig
        self.activated = True
