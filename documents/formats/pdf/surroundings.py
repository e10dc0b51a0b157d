"""What a PDF carries around its pages, in sentences for who receives the clean file."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

_DEEPEST_TREE = 32


def sentences_about(pdf: pikepdf.Pdf) -> list[str]:
    """Return what cleaning takes out of a file whole; nothing of it is quoted."""
    root = pdf.Root
    found: list[str] = []
    if attachments := _count_attachments(root):
        found.append(_counted(attachments, "attachment") + " removed.")
    if "/Outlines" in root:
        found.append("The bookmarks were removed.")
    if "/AcroForm" in root:
        found.append("The form was removed; what its fields showed is part of the pages.")
    if _has_scripts(root):
        found.append("Scripts and actions were removed.")
    if "/OCProperties" in root:
        found.append("The layers were removed; what they held is part of the pages.")
    if "/StructTreeRoot" in root:
        found.append("The tags for screen readers were removed, since they repeat the text.")
    if links := sum(_count_links(page.obj) for page in pdf.pages):
        found.append(_counted(links, "link") + " removed.")
    return found


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun} was" if count == 1 else f"{count:,} {noun}s were"


def _has_scripts(root: Object) -> bool:
    names = root.get("/Names")
    has_scripts = isinstance(names, Dictionary) and "/JavaScript" in names
    return has_scripts or "/AA" in root or isinstance(root.get("/OpenAction"), Dictionary)


def _count_links(page: Object) -> int:
    listed = page.get("/Annots")
    if not isinstance(listed, Array):
        return 0
    return sum(
        isinstance(item, Dictionary) and item.get("/Subtype") == Name.Link
        for item in listed.as_list()
    )


def _count_attachments(root: Object) -> int:
    names = root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, Dictionary) else None
    return _count_leaves(tree, _DEEPEST_TREE) if isinstance(tree, Dictionary) else 0


def _count_leaves(node: Object, depth: int) -> int:
    listed = node.get("/Names")
    count = len(listed) // 2 if isinstance(listed, Array) else 0
    kids = node.get("/Kids")
    if depth and isinstance(kids, Array):
        count += sum(
            _count_leaves(kid, depth - 1)
            for kid in kids.as_list()
            if isinstance(kid, Dictionary) and not isinstance(kid, Stream)
        )
    return count
