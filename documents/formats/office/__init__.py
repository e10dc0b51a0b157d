"""Office files: DOCX, PPTX, XLSX and ODT read, written clean, and searched again."""

from documents.formats.office.clean import read, write_clean
from documents.formats.office.verify import verify

__all__ = ["read", "verify", "write_clean"]
