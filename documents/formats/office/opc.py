"""Office Open XML packages: content types, and relationships between parts."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from lxml import etree

from documents.formats.model import DamagedError, Kind, Limits, UnknownKindError
from documents.formats.office.package import Archive
from documents.formats.office.xml import NAMES, parse, q, serialise

TYPES: Final = "[Content_Types].xml"
RELATION_TYPE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT = "http://purl.oclc.org/ooxml/"

_MAIN_TYPES: Final = {
    "wordprocessingml.document.main+xml": Kind.DOCX,
    "wordprocessingml.template.main+xml": Kind.DOCX,
    "ms-word.document.macroEnabled.main+xml": Kind.DOCX,
    "ms-word.template.macroEnabledTemplate.main+xml": Kind.DOCX,
    "presentationml.presentation.main+xml": Kind.PPTX,
    "presentationml.template.main+xml": Kind.PPTX,
    "presentationml.slideshow.main+xml": Kind.PPTX,
    "ms-powerpoint.presentation.macroEnabled.main+xml": Kind.PPTX,
    "ms-powerpoint.slideshow.macroEnabled.main+xml": Kind.PPTX,
    "ms-powerpoint.template.macroEnabled.main+xml": Kind.PPTX,
    "spreadsheetml.sheet.main+xml": Kind.XLSX,
    "spreadsheetml.template.main+xml": Kind.XLSX,
    "ms-excel.sheet.macroEnabled.main+xml": Kind.XLSX,
    "ms-excel.template.macroEnabled.main+xml": Kind.XLSX,
}


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship. kind: the end of its type; target: a part's name, or an address."""

    id: str
    kind: str
    type: str
    target: str
    is_external: bool


class OfficePackage:
    """An Office Open XML package that is read."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self.archive = Archive(content, limits)
        if TYPES not in self.archive:
            raise UnknownKindError("This zip file is no Office file.")
        # Names of parts are equal whatever their case.
        self._names = {name.casefold(): name for name in self.archive.names()}
        self._defaults: dict[str, str] = {}
        self._overrides: dict[str, str] = {}
        self._read_types()
        self.main = self._find_main()
        self.kind = self._kind_of_main()

    def has(self, part: str) -> bool:
        """Say whether there is such a part."""
        return part.casefold() in self._names

    def read(self, part: str) -> bytes:
        """Return a part's bytes."""
        return self.archive.read(self._names.get(part.casefold(), part))

    def type_of(self, part: str) -> str:
        """Return a part's content type, "" if none is given."""
        override = self._overrides.get(part.casefold())
        if override is not None:
            return override
        return self._defaults.get(part.rpartition(".")[2].casefold(), "")

    def relations_of(self, part: str) -> list[Relation]:
        """Return where a part points to; "" asks for the package's own."""
        folder, _, name = part.rpartition("/")
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(path):
            return []
        root = parse(self.read(path))
        return [_relation(node, folder) for node in root.iter(q("rel:Relationship"))]

    def _read_types(self) -> None:
        for node in parse(self.archive.read(TYPES)):
            kind = node.get("ContentType", "")
            if node.tag == q("ct:Default"):
                self._defaults[node.get("Extension", "").casefold()] = kind
            elif node.tag == q("ct:Override"):
                self._overrides[node.get("PartName", "").lstrip("/").casefold()] = kind

    def _find_main(self) -> str:
        for relation in self.relations_of(""):
            if relation.kind == "officeDocument" and not relation.is_external:
                if relation.type.startswith(_STRICT):
                    raise UnknownKindError(
                        "This is a Strict Open XML file. Save it as plain DOCX, XLSX or PPTX."
                    )
                if self.has(relation.target):
                    return self._names[relation.target.casefold()]
        raise DamagedError("The Office file does not say where its content is.")

    def _kind_of_main(self) -> Kind:
        given = self.type_of(self.main)
        for end, kind in _MAIN_TYPES.items():
            if given.casefold().endswith(end.casefold()):
                return kind
        raise UnknownKindError("This Office file is of a kind that is not read here.")


def _relation(node: etree._Element, folder: str) -> Relation:
    kind = node.get("Type", "")
    target = node.get("Target", "")
    is_external = node.get("TargetMode", "") == "External"
    if not is_external:
        path = unquote(target.partition("#")[0])
        joined = path.lstrip("/") if path.startswith("/") else posixpath.join(folder, path)
        target = posixpath.normpath(joined) if path else ""
    return Relation(node.get("Id", ""), kind.rpartition("/")[2], kind, target, is_external)


def written_relations(part: str, relations: list[Relation]) -> bytes:
    """Return a .rels part; targets that are parts are written relative to `part`."""
    root = parse(f'<Relationships xmlns="{NAMES["rel"]}"/>'.encode())
    folder = posixpath.dirname(part)
    for relation in relations:
        node = etree.SubElement(root, q("rel:Relationship"))
        node.set("Id", relation.id)
        node.set("Type", relation.type)
        if relation.is_external:
            node.set("Target", relation.target)
            node.set("TargetMode", "External")
        else:
            node.set("Target", posixpath.relpath(relation.target, folder or "."))
    return serialise(root)


def written_types(types: dict[str, str]) -> bytes:
    """Return [Content_Types].xml for these parts: name -> content type."""
    root = parse(f'<Types xmlns="{NAMES["ct"]}"/>'.encode())
    defaults = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "xml": "application/xml",
        "png": "image/png",
        "jpeg": "image/jpeg",
        "vml": "application/vnd.openxmlformats-officedocument.vmlDrawing",
    }
    for extension, kind in defaults.items():
        etree.SubElement(root, q("ct:Default"), Extension=extension, ContentType=kind)
    for part, kind in types.items():
        if defaults.get(part.rpartition(".")[2]) != kind:
            etree.SubElement(root, q("ct:Override"), PartName=f"/{part}", ContentType=kind)
    return serialise(root)


def relations_path(part: str) -> str:
    """Return where the relationships of a part stand; "" for the package's own."""
    folder, _, name = part.rpartition("/")
    return posixpath.join(folder, "_rels", f"{name}.rels")
