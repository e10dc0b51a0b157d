"""The form for readers, and the pages of staff."""
