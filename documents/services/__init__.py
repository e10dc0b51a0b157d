"""What can be done with documents. Views and jobs call these; each write is one transaction.

The way of a document: received, read and scanned, shared, its clean file made, removed.
"""

from documents.services.cleaned import (
    CLEAN,
    ask_for_clean,
    block_clean,
    end_cleaning,
    store_clean,
)
from documents.services.opened import (
    Original,
    read_clean,
    read_extracted,
    read_original,
    read_page,
    read_source,
    redaction_of,
)
from documents.services.received import (
    SOURCE,
    CreatedDocument,
    create_document,
    plain_name,
    readable_name,
    retry,
    start_reading,
)
from documents.services.removed import erase_documents_of
from documents.services.scanned import fail, publish_scanned, submit_scan, withdraw_failed
from documents.services.shared import correct, cutter, publish_again, republish, take_back

__all__ = [
    "CLEAN",
    "SOURCE",
    "CreatedDocument",
    "Original",
    "ask_for_clean",
    "block_clean",
    "correct",
    "create_document",
    "cutter",
    "end_cleaning",
    "erase_documents_of",
    "fail",
    "plain_name",
    "publish_again",
    "publish_scanned",
    "read_clean",
    "read_extracted",
    "read_original",
    "read_page",
    "read_source",
    "readable_name",
    "redaction_of",
    "republish",
    "retry",
    "start_reading",
    "store_clean",
    "submit_scan",
    "take_back",
    "withdraw_failed",
]
