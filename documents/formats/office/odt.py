"""ODT: read and written clean. One walk over the content, and over headers and footers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree

from documents.formats.model import (
    Cleaned,
    DamagedError,
    Extracted,
    Hidden,
    Kind,
    PasswordError,
    Picture,
    Progress,
    ReadOptions,
    UnknownKindError,
)
from documents.formats.office.flow import Flow
from documents.formats.office.losses import Losses
from documents.formats.office.odt_guard import guard_odt
from documents.formats.office.odt_names import NAMES, StyleNames, o
from documents.formats.office.odt_tidy import tidy_odt
from documents.formats.office.odt_walk import TextWalk
from documents.formats.office.ooxml import require_same
from documents.formats.office.package import Archive, write_archive
from documents.formats.office.pictures import PictureReader, PictureWriter, grey_picture
from documents.formats.office.xml import parse, remove, serialise

MIME_TYPE: Final = "application/vnd.oasis.opendocument.text"
_TEMPLATE: Final = MIME_TYPE + "-template"
_PARTS: Final = ("content.xml", "styles.xml")
# Parts beside the walked ones that nothing shows.
_SILENT: Final = frozenset(
    {
        "mimetype",
        "meta.xml",
        "settings.xml",
        "manifest.rdf",
        "layout-cache",
        "META-INF/manifest.xml",
        "current.xml",
        *_PARTS,
    }
)
_SILENT_FOLDERS: Final = ("Thumbnails/", "Configurations2/", "ObjectReplacements/", "Pictures/")
_LOST_FOLDERS: Final = {
    "Basic/": "macros",
    "Scripts/": "script",
    "Dialogs/": "macros",
    "Fonts/": "fonts",
    "media/": "media",
}
_GREY: Final = "Pictures/removed.png"
_EMPTY_META: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-meta '
    f'xmlns:office="{NAMES["office"]}" office:version="1.3"><office:meta/></office:document-meta>'
).encode()


def read_odt(content: bytes, options: ReadOptions) -> Extracted:
    """Return what an ODT says."""
    job = _Job(_opened(content, options), options)
    job.walk()
    pictures = job.finish_reading()
    return Extracted(
        Kind.ODT,
        job.flow.text(),
        tuple(job.flow.blocks),
        pictures=pictures,
        notes=(*job.notes, *job.losses.future()),
        title=job.title(),
    )


def write_odt(
    content: bytes, extracted: Extracted, hidden: Sequence[Hidden], options: ReadOptions
) -> Cleaned:
    """Return an ODT of the same text less the hidden spans."""
    job = _Job(_opened(content, options), options, extracted=extracted, hidden=hidden)
    job.walk()
    written = job.finish_writing(extracted)
    return Cleaned(written, job.losses.past())


def _opened(content: bytes, options: ReadOptions) -> Archive:
    archive = Archive(content, options.limits)
    kind = archive.read("mimetype").decode("ascii", "replace").strip()
    if kind not in {MIME_TYPE, _TEMPLATE}:
        raise UnknownKindError("This OpenDocument file is no text document.")
    if "META-INF/manifest.xml" in archive:
        manifest = parse(_without_doctype(archive.read("META-INF/manifest.xml")))
        if next(manifest.iter(o("manifest:encryption-data")), None) is not None:
            raise PasswordError(
                "This document is encrypted with a password. Save it without one and try again."
            )
    if "content.xml" not in archive:
        raise DamagedError("The document has no content.")
    return archive


def _without_doctype(content: bytes) -> bytes:
    """Drop the one document type that old versions of OpenOffice wrote into manifests."""
    known = b'<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" '
    start = content.find(known)
    if start < 0:
        return content
    end = content.find(b">", start)
    return content[:start] + content[end + 1 :]


class _Job:
    """One walk over a document."""

    def __init__(
        self,
        archive: Archive,
        options: ReadOptions,
        *,
        extracted: Extracted | None = None,
        hidden: Sequence[Hidden] = (),
    ) -> None:
        self.flow = Flow(hidden, characters=options.limits.characters)
        self.losses = Losses()
        self.notes: list[str] = []
        self._archive = archive
        self._options = options
        self._roots: dict[str, etree._Element] = {}
        self._reader = PictureReader(options)
        self._writer = PictureWriter(extracted, hidden, options) if extracted else None
        self._pictures: dict[str, str] = {}
        self._files: dict[str, bytes] = {}

    def walk(self) -> None:
        """Read the content, then headers and footers, then the pictures' places."""
        for number, name in enumerate(_PARTS, 1):
            if name not in self._archive:
                continue
            root = parse(self._archive.read(name))
            tidy_odt(root, self.losses)
            self._roots[name] = root
            stage = "reading" if self._writer is None else "writing"
            self._options.report(Progress(stage, number, len(_PARTS)))
        walk = TextWalk(self.flow, self._roots.get("styles.xml"))
        for name, root in self._roots.items():
            self._place_pictures(root)
            if name == "content.xml":
                walk.content(root)
            else:
                walk.page_styles(root)
            walk.links(root)
        self.flow.apply()
        self._count_lost()

    def finish_reading(self) -> tuple[Picture, ...]:
        """Add the words of pictures to the text."""
        return self._reader.emit(self.flow)

    def finish_writing(self, extracted: Extracted) -> bytes:
        """Return the clean package."""
        if self._writer is not None:
            self._writer.emit(self.flow)
        require_same(self.flow, extracted)
        names = StyleNames()
        parts = {"mimetype": MIME_TYPE.encode()}
        for name, root in self._roots.items():
            names.rename(root)
            guard_odt(root)
            etree.cleanup_namespaces(root, top_nsmap=_PREFIXES)
            parts[name] = serialise(root)
        parts["meta.xml"] = _EMPTY_META
        parts |= self._files
        parts["META-INF/manifest.xml"] = _manifest(list(parts))
        return write_archive(parts, stored=frozenset({"mimetype"}))

    def title(self) -> str:
        """Return the title among the properties."""
        if "meta.xml" not in self._archive:
            return ""
        found = next(parse(self._archive.read("meta.xml")).iter(o("dc:title")), None)
        return (found.text or "").strip() if found is not None else ""

    def _place_pictures(self, root: etree._Element) -> None:
        """Read or write every picture, and point to its new name; grey where it cannot be."""
        for node in list(root.iter()):
            if node.tag == o("office:binary-data"):
                remove(node)
                continue
            target = node.get(o("xlink:href"))
            if target is None or node.tag == o("text:a") or node.tag == o("draw:a"):
                continue
            if node.tag.rpartition("}")[2] not in _PICTURE_TAGS:
                node.attrib.pop(o("xlink:href"))
                continue
            node.set(o("xlink:href"), self._picture(target.removeprefix("./")))

    def _picture(self, source: str) -> str:
        if source in self._pictures:
            return self._pictures[source]
        new = _GREY
        if source not in self._archive:
            self.losses.add("linked picture")
        elif self._writer is None:
            loss = self._reader.take(source, self._archive.read(source))
            self.losses.add(loss)
            new = _GREY if loss else source
        else:
            written, loss = self._writer.write(source, self._archive.read(source))
            self.losses.add(loss)
            if written is not None:
                new = f"Pictures/image{len(self._files) + 1}.{written.extension}"
                self._files[new] = written.content
        if new == _GREY:
            self._files[_GREY] = grey_picture()
        self._pictures[source] = new
        return new

    def _count_lost(self) -> None:
        for name in self._archive.names():
            if name in _SILENT or name.startswith(_SILENT_FOLDERS):
                continue
            if name.startswith("META-INF/"):
                self.losses.add("signature")
                continue
            if name.partition("/")[0].startswith("Object "):
                continue
            folder = name.partition("/")[0] + "/"
            self.losses.add(_LOST_FOLDERS.get(folder, "other"))


_PICTURE_TAGS: Final = frozenset(
    {"image", "background-image", "fill-image", "list-level-style-image"}
)
_PREFIXES: Final = {prefix: uri for prefix, uri in NAMES.items() if prefix != "xml"}


def _manifest(names: Sequence[str]) -> bytes:
    root = etree.Element(o("manifest:manifest"), nsmap={"manifest": NAMES["manifest"]})
    root.set(o("manifest:version"), "1.3")
    types = {"xml": "text/xml", "png": "image/png", "jpeg": "image/jpeg"}
    entries = {"/": MIME_TYPE} | {
        name: types[name.rpartition(".")[2]] for name in names if name != "mimetype"
    }
    for name, kind in entries.items():
        entry = etree.SubElement(root, o("manifest:file-entry"))
        entry.set(o("manifest:full-path"), name)
        entry.set(o("manifest:media-type"), kind)
    return serialise(root)
