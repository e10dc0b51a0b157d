"""Reads the text of pictures: words with their places. Knows nothing of Django."""

from anonymizer.ocr.languages import NoLanguageError, installed_languages, missing_sentence
from anonymizer.ocr.read import read_words
from anonymizer.ocr.text import PlacedWord, laid_out
from anonymizer.ocr.words import OcrError, OcrWord

__all__ = [
    "NoLanguageError",
    "OcrError",
    "OcrWord",
    "PlacedWord",
    "installed_languages",
    "laid_out",
    "missing_sentence",
    "read_words",
]
