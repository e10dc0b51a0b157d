"""Word to other servers that something has ended: signed, repeated, and without any content."""
