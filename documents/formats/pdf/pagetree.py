"""The tree of a PDF's pages, counted anew.

MuPDF trusts the counts that a file states, others walk the tree: pages beyond a wrong count would
be read by nobody here and shown by everybody else.
"""

from __future__ import annotations

import re

import pymupdf

from documents.formats.model import DamagedError, TooLargeError

REFERENCE = re.compile(r"(\d+) \d+ R")
DEEPEST = 100


def count_pages(document: pymupdf.Document, most: int) -> None:
    """Set the right counts of pages in a document; has to come before its pages are counted.

    Raises TooLargeError beyond `most` pages, DamagedError where the tree is none.
    """
    found = REFERENCE.match(document.xref_get_key(document.pdf_catalog(), "Pages")[1])
    if found is not None:
        _Counting(document, most).below(int(found[1]), 0)


class _Counting:
    def __init__(self, document: pymupdf.Document, most: int) -> None:
        self._document = document
        self._most = most
        self._seen: set[int] = set()
        self._pages = 0

    def below(self, node: int, depth: int) -> int:
        """Return the number of pages below a node, and set it there."""
        if depth > DEEPEST or node in self._seen:
            raise DamagedError("The PDF is damaged: its pages refer to each other.")
        self._seen.add(node)
        kids = self._kids(node)
        if kids is None:
            self._pages += 1
            if self._pages > self._most:
                raise TooLargeError(f"The PDF has more than {self._most:,} pages, the most taken.")
            return 1
        count = sum(self.below(kid, depth + 1) for kid in kids)
        if self._document.xref_get_key(node, "Count") != ("int", str(count)):
            self._document.xref_set_key(node, "Count", str(count))
        return count

    def _kids(self, node: int) -> list[int] | None:
        """Return what a node refers to; None for a page."""
        kind, value = self._document.xref_get_key(node, "Kids")
        if kind == "xref":
            found = REFERENCE.match(value)
            value = self._document.xref_object(int(found[1]), compressed=True) if found else ""
        elif kind != "array":
            return None
        if "<" in value:
            raise DamagedError("The PDF is damaged: its pages cannot be told apart.")
        return [int(number) for number in REFERENCE.findall(value)]
