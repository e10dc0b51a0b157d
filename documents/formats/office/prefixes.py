"""Names within a part that its author chose: ids of relationships, prefixes of namespaces."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import count
from typing import Final, cast

from lxml import etree

from documents.formats.office.xml import NAMES, drop, outside_rows, q

_PLAIN_ID: Final = re.compile(r"rId\d{1,9}")


def rename_ids(root: etree._Element, ids: Collection[str]) -> dict[str, str]:
    """Give relationships plain ids where they have others; return old id -> new id."""
    numbers = count(1)
    taken = set(ids)
    names: dict[str, str] = {}
    for old in ids:
        new = old
        if not _PLAIN_ID.fullmatch(old):
            new = next(name for n in numbers if (name := f"rId9{n:03}") not in taken)
        names[old] = new
    if any(old != new for old, new in names.items()):
        prefix = f"{{{NAMES['r']}}}"
        for node in outside_rows(root):
            for raw, value in node.attrib.items():
                key = str(raw)
                if (key.startswith(prefix) or key == q("o:relid")) and value in names:
                    node.set(key, names[str(value)])
    return names


def with_plain_prefixes(root: etree._Element) -> etree._Element:
    """Declare namespaces once, by their usual prefixes, and only those that are used."""
    drop(root, q("mc:Ignorable"))
    own = root.tag[1:].partition("}")[0]
    prefixes: dict[str | None, str] = {
        prefix: uri for prefix, uri in NAMES.items() if prefix != "xml"
    }
    if own in {NAMES["x"], NAMES["rel"], NAMES["ct"]}:
        prefixes = {prefix: uri for prefix, uri in prefixes.items() if uri != own}
        prefixes[None] = own
    given = cast("Mapping[str, str]", prefixes)
    etree.cleanup_namespaces(root, top_nsmap=given, keep_ns_prefixes=["mc"])
    newer = [prefix for prefix in ("w14", "wp14", "p14", "a14") if prefix in root.nsmap]
    if newer:
        root.set(q("mc:Ignorable"), " ".join(newer))
    return root
