"""Pages: read as a browser shows them, written with nothing in them that was not read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import unquote

from documents.formats.model import (
    Check,
    Cleaned,
    Extracted,
    Hidden,
    Kind,
    ReadOptions,
)
from documents.formats.plain.charsets import known_charset
from documents.formats.plain.checking import bytes_check, places_check
from documents.formats.plain.decoding import Source, notes_on, source_from, source_of
from documents.formats.plain.html_tree import NAMES, is_constant, page_of, tree_of, without_markup
from documents.formats.plain.html_walk import Walk
from documents.formats.plain.pieces import Builder, rewrite
from documents.formats.survivors import HiddenValues

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET_WITHIN = 2_048
_SCRIPTS = frozenset({"script", "style", "iframe", "object", "embed", "link", "base", "form"})


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a page's text: its body, then its title, links and descriptions."""
    source = page_source(content, options)
    root, removed = tree_of(source.text)
    builder = Builder(options.limits)
    walk = Walk(root, builder)
    walk.body()
    walk.rest()
    return Extracted(
        Kind.HTML,
        builder.text,
        tuple(builder.blocks),
        notes=(*notes_on(source), *removed_sentences(removed, "are removed from the clean file")),
        title=walk.title,
    )


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return the page with each span replaced; a link whose target meets one leads nowhere."""
    root, removed = tree_of(page_source(content, options).text)
    builder = Builder(options.limits)
    walk = Walk(root, builder)
    walk.body()
    walk.rest()
    rewrite(builder.text, builder.pieces, hidden)
    return Cleaned(page_of(root).encode(), removed_sentences(removed, "were removed"))


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return where a hidden value still stands, as Python's own parser reads the page.

    Scripts and the like are survivors too: they hold what nobody reads.
    """
    return checks_of_page(clean.decode("utf-8", "replace"), values)


def checks_of_page(page: str, values: HiddenValues) -> tuple[Check, ...]:
    """Return the checks of a page's source, texts, attributes and elements."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    found = (("the text", text) for text in reader.joined())
    attributes = (("an attribute", unquote(text)) for text in reader.attributes)
    return (
        bytes_check(without_markup(page).encode(), values),
        places_check("text", found, values),
        places_check("attributes", attributes, values),
        Check("elements", reader.elements, tuple(sorted(reader.active))),
    )


def page_source(content: bytes, options: ReadOptions) -> Source:
    """Return a page's text, in the encoding that it names unless its bytes say another."""
    named = _CHARSET.search(content[:_CHARSET_WITHIN])
    charset = known_charset(named[1].decode("ascii")) if named else None
    if charset and not _is_utf(content):
        return source_from(content.decode(charset, "replace"), charset)
    return source_of(content, options.limits)


def _is_utf(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # Seven-bit encodings shift with escapes, and are valid UTF-8 all the same.
    return b"\x1b" not in content


def removed_sentences(removed: set[str], what: str) -> tuple[str, ...]:
    """Return a sentence about the kinds of things that go. what: "were removed"."""
    kinds = sorted(filter(None, removed))
    if not kinds:
        return ()
    named = " and ".join(filter(None, [", ".join(kinds[:-1]), kinds[-1]]))
    return (f"{named[0].upper()}{named[1:]} {what}.",)


class _Reader(HTMLParser):
    """Collects what stands in a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.attributes: list[str] = []
        self.active: set[str] = set()
        self.elements = 0

    def joined(self) -> Iterator[str]:
        """Yield the whole text, tags falling away and tags as spaces."""
        yield "".join(self.texts)
        yield " ".join(self.texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        if tag in _SCRIPTS:
            self.active.add(f"element {tag}")
        for name, value in attrs:
            if not is_constant(name, value or ""):
                self.attributes.append(value or "")
            if name not in NAMES:
                self.active.add("an unknown attribute")
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.active.add("a script in an attribute")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.active.add("a comment")
        self.texts.append(data)

    def handle_decl(self, decl: str) -> None:
        self.texts.append(decl)

    def handle_pi(self, data: str) -> None:
        self.texts.append(data)
