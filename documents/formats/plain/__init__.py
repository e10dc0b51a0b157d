"""Formats that are text at heart: TXT, Markdown, CSV, JSON, HTML and mail."""
