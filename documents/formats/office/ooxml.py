"""One walk over an Office Open XML package: which parts are kept, and what is done with each.

Only parts that a rule knows are kept, and only if a kept part points to them. Every kept part is
parsed, walked and written anew under a new name; everything else of the package is left behind.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final
from urllib.parse import unquote

from lxml import etree

from documents.formats.model import (
    CannotCleanError,
    Extracted,
    Hidden,
    Picture,
    Progress,
    ReadOptions,
    Role,
)
from documents.formats.office.flow import Flow
from documents.formats.office.guard import guard, rename_things
from documents.formats.office.losses import Losses, loss_of
from documents.formats.office.opc import (
    RELATION_TYPE,
    OfficePackage,
    Relation,
    relations_path,
    written_relations,
    written_types,
)
from documents.formats.office.package import write_archive
from documents.formats.office.pictures import PictureReader, PictureWriter, grey_picture
from documents.formats.office.prefixes import rename_ids, with_plain_prefixes
from documents.formats.office.references import detach
from documents.formats.office.tidy import tidy
from documents.formats.office.xml import parse, serialise


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with the parts of one kind of relationship.

    walk:  reads (and edits) the part
    type:  the content type that is taken
    name:  the name in the clean file, {} for its number
    order: parts of a lower order are walked first
    """

    walk: Callable[[Session, Part], None]
    type: str
    name: str
    order: int


@dataclass(slots=True, eq=False)
class Part:
    """A part on its walk.

    source, name: its names in the file and in the clean file
    relations:    those that are kept, by id; targets are names in the file, or addresses
    found:        the same as first seen
    """

    source: str
    name: str
    root: etree._Element
    relations: dict[str, Relation]
    page: int = 0
    found: list[Relation] = field(default_factory=list)

    def children(self, kind: str) -> list[Relation]:
        """Return the kept relationships of one kind."""
        return [relation for relation in self.found if relation.kind == kind]

    def grey(self) -> str:
        """Return the id of the relationship to the plain grey picture."""
        self.relations[_GREY.id] = _GREY
        return _GREY.id


@dataclass(order=True, slots=True)
class _Waiting:
    order: int
    number: int
    source: str = field(compare=False)
    rule: Rule = field(compare=False)
    page: int = field(compare=False)


class Session:
    """One walk over a package, to read it or, with hidden spans, to write it."""

    def __init__(
        self,
        package: OfficePackage,
        rules: Mapping[str, Rule],
        options: ReadOptions,
        *,
        extracted: Extracted | None = None,
        hidden: Sequence[Hidden] = (),
    ) -> None:
        self.package = package
        self.options = options
        self.losses = Losses()
        self.notes: list[str] = []
        self.flow = Flow(hidden, characters=options.limits.characters)
        self.is_writing = extracted is not None
        # Names within the file that parts share -> those given in their place.
        self.given: dict[str, str] = {}
        self._rules = rules
        self._reader = PictureReader(options)
        self._writer = PictureWriter(extracted, hidden, options) if extracted else None
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._names: dict[str, str] = {}
        self._types: dict[str, str] = {}
        self._taken: dict[str, int] = {}
        self._out: dict[str, bytes] = {}
        self._main: Part | None = None

    def run(self, main: Rule, main_type: str) -> tuple[Picture, ...]:
        """Walk everything that can be reached from the main part."""
        self._names[self.package.main] = main.name
        self._types[main.name] = main_type
        heapq.heappush(self._waiting, _Waiting(-1, -1, self.package.main, main, 0))
        self._count_lost(self.package.relations_of(""))
        done = 0
        while self._waiting:
            self._visit(heapq.heappop(self._waiting))
            done += 1
            stage = "writing" if self.is_writing else "reading"
            self.options.report(Progress(stage, done, done + len(self._waiting)))
        if self._writer is not None:
            if self._main is not None:
                self._finish(self._main)
            self._writer.emit(self.flow)
            return ()
        return self._reader.emit(self.flow)

    def package_bytes(self, properties: Mapping[str, tuple[str, str, bytes]]) -> bytes:
        """Return the clean package. properties: name -> type of relationship, type, content."""
        root = [Relation("rId1", "", RELATION_TYPE + "officeDocument", self._main_name(), False)]
        types = dict(self._types)
        parts = dict(self._out)
        for number, (name, (relation, kind, content)) in enumerate(properties.items(), 2):
            root.append(Relation(f"rId{number}", "", relation, name, False))
            types[name] = kind
            parts[name] = content
        head = {"[Content_Types].xml": written_types(types), "_rels/.rels": b""}
        head["_rels/.rels"] = written_relations("", root)
        return write_archive(head | parts)

    def add_part(self, name: str, kind: str, content: bytes) -> str:
        """Add a part of the writer's own making; return its name with its number."""
        if "{}" in name:
            name = self._numbered(name)
        self._types[name] = kind
        self._out[name] = content
        return name

    def keep(self, source: str, rule: Rule, page: int) -> str:
        """Have a part walked later; return its name in the clean file."""
        known = self._names.get(source)
        if known is not None:
            return known
        name = self._numbered(rule.name) if "{}" in rule.name else rule.name
        self._names[source] = name
        self._types[name] = rule.type
        waiting = _Waiting(rule.order, next(self._numbers), source, rule, page)
        heapq.heappush(self._waiting, waiting)
        return name

    def _main_name(self) -> str:
        return self._names[self.package.main]

    def _numbered(self, name: str) -> str:
        self._taken[name] = self._taken.get(name, 0) + 1
        return name.format(self._taken[name])

    def _visit(self, waiting: _Waiting) -> None:
        root = parse(self.package.read(waiting.source))
        tidy(root)
        name = self._names[waiting.source]
        part = Part(waiting.source, name, root, {}, waiting.page)
        self.flow.page = waiting.page
        self._choose_relations(part)
        waiting.rule.walk(self, part)
        self._enqueue(part)
        self._emit_links(part)
        self.flow.head("")
        self.flow.apply()
        if part.source == self.package.main:
            # Its children may still change it: the name of a sheet stands in the workbook.
            self._main = part
        elif self.is_writing:
            self._finish(part)

    def _choose_relations(self, part: Part) -> None:
        """Keep the relationships that a rule knows, and detach whatever used another."""
        dropped = []
        for relation in self.package.relations_of(part.source):
            if self._is_kept(relation):
                part.relations[relation.id] = relation
                part.found.append(relation)
            else:
                dropped.append(relation)
        self._count_lost(dropped)
        detach(part.root, part.relations, part.grey)

    def _is_kept(self, relation: Relation) -> bool:
        if relation.kind == "hyperlink":
            return relation.is_external
        if relation.is_external:
            if relation.kind == "image":
                self.losses.add("linked picture")
            return False
        if not self.package.has(relation.target):
            return False
        kind = self.package.type_of(relation.target)
        if relation.kind == "image":
            return self._take_picture(relation.target)
        rule = self._rules.get(relation.kind)
        return rule is not None and kind.casefold() == rule.type.casefold()

    def _take_picture(self, source: str) -> bool:
        """Read or write a picture; say whether it can be shown."""
        if source in self._names:
            return self._names[source] != _GREY.target
        content = self.package.read(source)
        if self._writer is None:
            loss = self._reader.take(source, content)
            self._names[source] = _GREY.target if loss else ""
        else:
            written, loss = self._writer.write(source, content)
            if written is None:
                self._names[source] = _GREY.target
            else:
                name = self._numbered(f"{self._folder()}media/image{{}}.{written.extension}")
                self._names[source] = name
                self._types[name] = f"image/{written.extension}"
                self._out[name] = written.content
        self.losses.add(loss)
        return not loss

    def _folder(self) -> str:
        return self._main_name().partition("/")[0] + "/"

    def _count_lost(self, relations: Sequence[Relation]) -> None:
        for relation in relations:
            if relation.kind in {"image", "officeDocument"} or relation.kind in self._rules:
                continue
            kind = self.package.type_of(relation.target)
            self.losses.add(loss_of(relation.kind, kind))

    def _enqueue(self, part: Part) -> None:
        for relation in part.found:
            rule = self._rules.get(relation.kind)
            if rule is not None and relation.id in part.relations:
                self.keep(relation.target, rule, part.page)

    def _emit_links(self, part: Part) -> None:
        """Add the addresses that the part's links lead to."""
        by_target: dict[str, list[str]] = {}
        for relation in part.relations.values():
            if relation.kind == "hyperlink":
                by_target.setdefault(relation.target, []).append(relation.id)
        self.flow.head("Link targets")
        for target, ids in by_target.items():
            self.flow.line(Role.FIELD, unquote(target) or " ", _Links(part, ids))

    def _finish(self, part: Part) -> None:
        rename_things(part.root)
        detach(part.root, part.relations, part.grey)
        ids = rename_ids(part.root, part.relations)
        guard(part.root)
        relations = [
            replace(
                relation,
                id=ids[relation.id],
                type=RELATION_TYPE + relation.kind,
                target=self._target(relation),
            )
            for relation in part.relations.values()
        ]
        if any(relation.target == _GREY.target for relation in relations):
            self._types[_GREY.target] = "image/png"
            self._out.setdefault(_GREY.target, grey_picture())
        self._out[part.name] = serialise(with_plain_prefixes(part.root))
        if relations:
            self._out[relations_path(part.name)] = written_relations(part.name, relations)

    def _target(self, relation: Relation) -> str:
        if relation.is_external or relation.id == _GREY.id:
            return relation.target
        return self._names.get(relation.target, relation.target)


_GREY: Final = Relation("rIdGrey", "image", RELATION_TYPE + "image", "media/removed.png", False)


class _Links:
    """Links to one address: if anything of it is hidden, they lead nowhere."""

    __slots__ = ("_ids", "_part")

    def __init__(self, part: Part, ids: list[str]) -> None:
        self._part = part
        self._ids = ids

    def put(self, text: str) -> None:
        """Take the relationships out; the elements that used them are detached later."""
        for name in self._ids:
            del self._part.relations[name]


def require_same(flow: Flow, extracted: Extracted) -> None:
    """Raise unless a writing walk met the text that was read."""
    if flow.text() != extracted.text:
        raise CannotCleanError("The file reads differently the second time, so it is not written.")
