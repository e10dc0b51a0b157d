"""Static files under names that change with their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files; imports between ES modules are rewritten too."""

    support_js_module_import_aggregation = True
