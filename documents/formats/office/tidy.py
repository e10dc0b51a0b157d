"""What every part of an Office Open XML package loses before it is read.

Extensions, alternatives, and elements of namespaces that no walk here knows.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from documents.formats.office.xml import NAMES, namespace, outside_rows, q, remove, unwrap

_KNOWN: Final = frozenset(NAMES.values())


def tidy(root: etree._Element) -> None:
    """Choose one of each set of alternatives, and drop extensions and what is unknown.

    The second branch of an alternative repeats the first for older programs; it is dropped.
    """
    for node in list(root.iter(q("mc:AlternateContent"))):
        _choose(node)
    for node in [node for node in outside_rows(root) if _is_left_behind(node)]:
        remove(node)


def _is_left_behind(node: etree._Element) -> bool:
    if namespace(node.tag) not in _KNOWN:
        return True
    return node.tag.endswith(("}extLst", "}ext")) and node.get("cx") is None


def _choose(node: etree._Element) -> None:
    """Put the branch that can be read in the place of an mc:AlternateContent."""
    branches = [*node.iter(q("mc:Choice")), *node.iter(q("mc:Fallback"))]
    own = [branch for branch in branches if branch.getparent() is node]
    chosen = next((branch for branch in own if _is_readable(branch)), None)
    for branch in own:
        if branch is not chosen:
            remove(branch)
    if chosen is None:
        remove(node)
        return
    unwrap(chosen)
    unwrap(node)


def _is_readable(branch: etree._Element) -> bool:
    """Say whether all that stands in a branch is of namespaces that are known here."""
    if len(branch) == 0:
        return False
    return all(
        namespace(node.tag) in _KNOWN or node.tag.endswith("}ext")
        for node in branch.iter()
        if not any(above.tag.endswith("}extLst") for above in node.iterancestors())
    )
