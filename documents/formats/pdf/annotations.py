"""What annotations say beside the page: comments, and the files and forms that come along."""

from __future__ import annotations

from dataclasses import dataclass

import pymupdf

# Shown as page text once baked, or not for reading at all.
NOT_COMMENTS = {
    pymupdf.PDF_ANNOT_LINK,
    pymupdf.PDF_ANNOT_WIDGET,
    pymupdf.PDF_ANNOT_FREE_TEXT,
}


@dataclass(frozen=True, slots=True)
class Comment:
    """A note that no page shows in its text. page: from 1."""

    page: int
    text: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """What was found beside the pages. shown: annotations and fields that bake into pages."""

    comments: tuple[Comment, ...]
    shown: int
    files: int


def annotations_of(document: pymupdf.Document) -> Annotated:
    """Return a document's comments, and how many annotations its pages carry otherwise."""
    comments: list[Comment] = []
    shown = files = 0
    for number in range(len(document)):
        if document.xref_get_key(document.page_xref(number), "Annots")[0] in {"null", ""}:
            continue
        page = document[number]
        for xref, kind, _ in page.annot_xrefs():
            shown += kind != pymupdf.PDF_ANNOT_LINK
            files += kind == pymupdf.PDF_ANNOT_FILE_ATTACHMENT
            if kind in NOT_COMMENTS:
                continue
            found, value = document.xref_get_key(xref, "Contents")
            text = _tidy(value) if found == "string" else ""
            if text:
                comments.append(Comment(number + 1, text))
    return Annotated(tuple(comments), shown, files)


def _tidy(text: str) -> str:
    """Return a text on plain lines, without signs that stand for nothing."""
    lines = [
        "".join([char if char.isprintable() else " " for char in line]).strip()
        for line in text.splitlines()
    ]
    return "\n".join(line for line in lines if line)
