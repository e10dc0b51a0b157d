"""PDF: read, written clean, verified."""
