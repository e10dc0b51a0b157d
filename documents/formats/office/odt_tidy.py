"""What an ODT loses before it is read: changes, fields, forms, scripts, objects, sources."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from documents.formats.office.losses import Losses
from documents.formats.office.odt_names import NAMES, o, os
from documents.formats.office.xml import namespace, remove, remove_all, unwrap

_KNOWN: Final = frozenset({*NAMES.values()})
_GONE: Final = {
    "script": os("office:script office:event-listeners text:script"),
    "form": os("form:form draw:control"),
    "embedded": os("draw:object-ole draw:applet draw:floating-frame"),
    "media": os("draw:plugin"),
}
_SILENTLY_GONE: Final = os(
    "text:change text:change-start text:change-end text:soft-page-break text:variable-decls "
    "text:user-field-decls text:dde-connection-decls text:section-source text:dde-source "
    "office:dde-source text:bibliography-configuration text:alphabetical-index-auto-mark-file "
    "table:named-expressions table:database-ranges table:content-validations "
    "text:index-title-template text:alphabetical-index-mark text:alphabetical-index-mark-start "
    "text:alphabetical-index-mark-end text:toc-mark text:toc-mark-start text:toc-mark-end "
    "text:user-index-mark text:user-index-mark-start text:user-index-mark-end "
    "svg:font-face-src svg:font-face-uri text:label draw:a-event draw:glue-point meta:generator "
    "office:meta office:settings"
)
# Elements of text that stay; every other one within a paragraph gives way to its content.
_KEPT_INLINE: Final = os(
    "text:span text:a text:s text:tab text:line-break text:note text:note-citation text:note-body "
    "text:page-number text:page-count text:ruby text:ruby-base text:ruby-text text:bookmark "
    "text:bookmark-start text:bookmark-end text:bookmark-ref text:p text:h text:list "
    "text:list-item text:list-header text:section text:sequence-decls "
    "text:sequence-decl text:table-of-content "
    "text:index-body text:index-title text:numbered-paragraph text:notes-configuration "
    "text:linenumbering-configuration text:outline-style text:outline-level-style text:list-style "
    "text:list-level-style-number text:list-level-style-bullet text:list-level-style-image "
    "text:note-continuation-notice-forward text:note-continuation-notice-backward "
    "text:line-numbering-separator"
)
_PLAIN_CITATION: Final = re.compile(r"\d{1,4}|[ivxlcdm]{1,4}|\W{0,3}", re.IGNORECASE)
_SOURCES: Final = re.compile(r"-index-source$|-of-content-source$|bibliography-source$")
_INDEXES: Final = os(
    "text:illustration-index text:table-index text:object-index text:user-index "
    "text:alphabetical-index text:bibliography"
)


def tidy_odt(root: etree._Element, losses: Losses) -> None:
    """Take out what is not shown, and let fields give way to what they show."""
    _accept_changes(root, losses)
    for thing, names in _GONE.items():
        losses.add(thing, remove_all(root, names))
    # LibreOffice writes both of these though they are empty.
    remove_all(root, os("office:scripts office:forms"))
    _remove_objects(root, losses)
    remove_all(root, _SILENTLY_GONE)
    _show_hidden(root)
    for node in [node for node in root.iter() if namespace(node.tag) not in _KNOWN]:
        remove(node)
    for node in [node for node in root.iter() if _SOURCES.search(node.tag)]:
        remove(node)
    fields = [node for node in root.iter() if _is_field(node)]
    losses.add("field", sum(node.tag not in _INDEXES for node in fields))
    for node in reversed(fields):
        unwrap(node)
    for node in root.iter(o("text:note-citation")):
        node.attrib.clear()
        if not _PLAIN_CITATION.fullmatch(node.text or ""):
            node.text = "*"


def _accept_changes(root: etree._Element, losses: Losses) -> None:
    for changes in list(root.iter(o("text:tracked-changes"))):
        losses.add("deletion", len(list(changes.iter(o("text:deletion")))))
        losses.add("insertion", len(list(changes.iter(o("text:insertion")))))
        losses.add("change", len(list(changes.iter(o("text:format-change")))))
        remove(changes)


def _remove_objects(root: etree._Element, losses: Losses) -> None:
    """Take out embedded objects; the picture that shows one stays where there is one."""
    for node in list(root.iter(o("draw:object"))):
        losses.add("embedded")
        frame = node.getparent()
        remove(node)
        if frame is not None and frame.find(o("draw:image")) is None:
            remove(frame)


def _show_hidden(root: etree._Element) -> None:
    """Write out the text of fields that show it only under a condition."""
    for node in list(root.iter(o("text:hidden-text"), o("text:conditional-text"))):
        if not any(node.itertext()):
            node.text = node.get(o("text:string-value"), "")


def _is_field(node: etree._Element) -> bool:
    if namespace(node.tag) != NAMES["text"]:
        return False
    return node.tag not in _KEPT_INLINE
