"""Static files under names that change with their content."""

from typing import Any

import brotli
from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# The highest level takes seventeen times as long for a twelfth less, at each first start.
_BROTLI_QUALITY = 9


class QuickCompressor(Compressor):
    """Compresses at a level that keeps the first start short."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """Return the bytes compressed."""
        compressed: bytes = brotli.compress(data, quality=_BROTLI_QUALITY)
        return compressed


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files; imports between ES modules are rewritten too."""

    support_js_module_import_aggregation = True
    # Source maps are not collected, so that what names them stays as it is.
    patterns = tuple(
        (files, tuple(one for one in found if "sourceMappingURL" not in str(one)))
        for files, found in HashedFilesMixin.patterns
    )

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return what compresses the files."""
        return QuickCompressor(**kwargs)
