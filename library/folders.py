"""The folders of a workspace as a tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from entries.models import Folder
from workspaces.models import Workspace

# Deeper than this nobody finds anything, and a phone shows nothing.
DEEPEST = 6


@dataclass(slots=True)
class Node:
    """A folder in its tree.

    depth: 1 for those that lie in no other
    path:  names from the outermost to its own
    count: items in it and below it
    below: itself and all folders below it
    levels: how many of them lie in each other
    """

    pk: int
    name: str
    depth: int
    path: tuple[str, ...]
    count: int = 0
    parents: tuple[int, ...] = ()
    below: set[int] = field(default_factory=set)
    levels: int = 1

    @property
    def parent(self) -> int | None:
        """The folder that it lies in."""
        return self.parents[-1] if self.parents else None

    @property
    def where(self) -> str:
        """Its place in words: "Cases / 2026"."""
        return " / ".join(self.path)


def tree_of(workspace: Workspace, counts: Mapping[int | None, int] | None = None) -> list[Node]:
    """Return all folders of a workspace, each before those that lie in it; one query.

    counts: items by folder
    """
    children: dict[int | None, list[Folder]] = defaultdict(list)
    for folder in sorted(workspace.folders.all(), key=lambda one: one.name.casefold()):
        children[folder.parent_id].append(folder)
    nodes: dict[int, Node] = {}

    def walk(parent: Node | None) -> None:
        for folder in children[parent.pk if parent else None]:
            above = (*parent.parents, parent.pk) if parent else ()
            path = (*parent.path, folder.name) if parent else (folder.name,)
            node = nodes[folder.pk] = Node(folder.pk, folder.name, len(path), path, parents=above)
            walk(node)

    walk(None)
    for node in nodes.values():
        for place in (*node.parents, node.pk):
            above = nodes[place]
            above.below.add(node.pk)
            above.count += (counts or {}).get(node.pk, 0)
            above.levels = max(above.levels, node.depth - above.depth + 1)
    return list(nodes.values())


def node_of(tree: Sequence[Node], pk: int | str | None) -> Node | None:
    """Return a folder of a tree by its number."""
    return next((node for node in tree if str(node.pk) == str(pk)), None)
