"""Pictures: read by OCR, covered with solid bars, opened again and searched."""
