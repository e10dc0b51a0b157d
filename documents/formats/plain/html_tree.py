"""HTML as a tree that holds nothing but what a reader is shown.

Whatever is not known to be harmless goes: scripts, styles, comments, forms' targets, identifiers,
pictures, and each attribute that is neither read as text nor one of a few constants.
"""

from __future__ import annotations

import re

import lxml.etree
import lxml.html

from documents.formats.model import DamagedError, TooLargeError

DEEPEST = 400


def names(text: str) -> frozenset[str]:
    """Return the names in a text."""
    return frozenset(text.split())


# With all that is in them.
_DROPPED = names(
    "script style meta link base embed source track param iframe frame frameset bgsound "
    "basefont keygen"
)
_KEPT = names(
    "html head title body h1 h2 h3 h4 h5 h6 p div span br hr a b strong i em u s del ins mark "
    "small sub sup code kbd samp var pre blockquote q cite abbr dfn time address ul ol li dl dt "
    "dd table caption thead tbody tfoot tr td th colgroup col section article header footer main "
    "nav aside figure figcaption details summary img input select optgroup option textarea "
    "button label fieldset legend bdi bdo ruby rt rp wbr center font"
)
# Of elements that are not kept, those whose content stands on lines of its own.
_BECOME_DIV = names(
    "form noscript template object video audio canvas svg math dialog menu dir listing xmp "
    "plaintext noframes noembed search hgroup applet map"
)
# Their values are read as text.
TEXT_ATTRIBUTES = (
    "alt", "title", "placeholder", "value", "label", "summary", "aria-label", "aria-description",
)  # fmt: skip
LINK = "href"
_INPUT_TYPES = names(
    "text checkbox radio submit reset button number date time email tel url search range"
)
_CONSTANTS = {
    "colspan": re.compile(r"\d{1,3}"),
    "rowspan": re.compile(r"\d{1,3}"),
    "start": re.compile(r"-?\d{1,3}"),
    "dir": re.compile(r"ltr|rtl|auto", re.IGNORECASE),
    "lang": re.compile(r"[a-z]{2,3}(?:-[a-z]{2})?", re.IGNORECASE),
    "align": re.compile(r"left|right|center|justify", re.IGNORECASE),
    "scope": re.compile(r"row|col|rowgroup|colgroup", re.IGNORECASE),
    "checked": re.compile(r"|checked", re.IGNORECASE),
    "selected": re.compile(r"|selected", re.IGNORECASE),
    "disabled": re.compile(r"|disabled", re.IGNORECASE),
}
# All that an attribute of a clean page may be called.
NAMES = frozenset({*TEXT_ATTRIBUTES, *_CONSTANTS, LINK, "type", "charset"})
# As this module writes them, values in double quotes.
_TAG = re.compile(r'<(/?[a-zA-Z!][a-zA-Z0-9]*)((?:"[^"]*"|[^"<>])*)>')
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
_SCHEMES = re.compile(r"(?:https?:|mailto:|tel:|[^:]*\Z|[^:/?#]*[/?#])", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TOO_DEEP = "This page is nested too deeply to be read."


def tree_of(text: str) -> tuple[lxml.html.HtmlElement, set[str]]:
    """Return a page as a tree, and the kinds of things that were taken out of it.

    Raises DamagedError for a page that cannot be parsed, TooLargeError for one nested too deeply.
    """
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    content = as_xml(text).encode()
    try:
        root = lxml.html.document_fromstring(content or b"<p></p>", parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        # A page of comments only has no root.
        if b"<" not in content:
            raise DamagedError("This page could not be read: it is damaged.") from None
        root = lxml.html.document_fromstring(b"<p></p>")
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise TooLargeError(_TOO_DEEP)
    _check_depth(root)
    removed = _clean(root)
    if "<!--" in text:
        removed.add("comments")
    return root, removed


def as_xml(text: str) -> str:
    """Return a text with U+FFFD for each sign that no page may hold."""
    return _NOT_XML.sub("\ufffd", text)


def page_of(root: lxml.html.HtmlElement) -> str:
    """Return a tree as a page that names its encoding."""
    head = root.find("head")
    if head is None:
        head = root.makeelement("head")
        root.insert(0, head)
    head.insert(0, root.makeelement("meta", charset="utf-8"))
    page: str = lxml.html.tostring(
        root, encoding="unicode", method="html", doctype="<!DOCTYPE html>"
    )
    head.remove(head[0])
    return page


def without_markup(page: str) -> str:
    """Return a page's source without what this module writes in every page: names and constants.

    A name like "Li" or "Summary" is also one of an element, which tells nobody anything.
    """
    return _TAG.sub(_values_of_tag, page)


def is_constant(name: str, value: str) -> bool:
    """Say whether an attribute says one of a few things, whoever the page is about."""
    if name == "type":
        return value.lower() in _INPUT_TYPES
    if name == "charset":
        return value == "utf-8"
    pattern = _CONSTANTS.get(name)
    return pattern is not None and bool(pattern.fullmatch(value))


def _values_of_tag(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name == "!doctype" and tag[2].strip().lower() == "html":
        return ""
    if name.lstrip("/") not in _KEPT | {"meta"}:
        return tag[0]
    known = {*TEXT_ATTRIBUTES, LINK}
    values = [
        value
        if attribute in known
        else ("" if is_constant(attribute, value) else f"{attribute} {value}")
        for attribute, value in _ATTRIBUTE.findall(tag[2])
    ]
    rest = _ATTRIBUTE.sub(" ", tag[2])
    return " ".join(["<", *values, rest.replace("/", " "), ">"])


def _check_depth(root: lxml.html.HtmlElement) -> None:
    depth = 0
    for event, _ in lxml.etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise TooLargeError(_TOO_DEEP)


def _clean(root: lxml.html.HtmlElement) -> set[str]:
    """Take out of a tree what no reader is shown; return the kinds of what went."""
    removed: set[str] = set()
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            element.drop_tree()
            continue
        tag = element.tag.lower()
        if tag in _DROPPED or (tag == "input" and element.get("type", "").lower() == "hidden"):
            removed.add(_what(tag))
            if element.getparent() is not None:
                element.drop_tree()
            continue
        if _shows_picture(element, tag):
            removed.add("pictures")
        element.tag = _known_tag(tag)
        _clean_attributes(element)
    return removed


# Attributes that lead to a picture or hold one.
_PICTURES_IN = ("src", "srcset", "background", "poster", "data")


def _shows_picture(element: lxml.html.HtmlElement, tag: str) -> bool:
    if tag in {"img", "image", "feimage"} or any(element.get(name) for name in _PICTURES_IN):
        return True
    return "url(" in element.get("style", "").lower()


def _what(tag: str) -> str:
    return {"script": "scripts", "style": "styles", "input": "hidden fields"}.get(tag, "")


def _known_tag(tag: str) -> str:
    if tag in _KEPT:
        return tag
    return "div" if tag in _BECOME_DIV else "span"


def _clean_attributes(element: lxml.html.HtmlElement) -> None:
    for name, value in list(element.attrib.items()):
        if name in TEXT_ATTRIBUTES and value.strip():
            # As everywhere in a page, stretches of white space are one space.
            element.set(name, " ".join(value.split()))
        elif not _is_kept(element.tag, name, value.strip()):
            del element.attrib[name]


def _is_kept(tag: str, name: str, value: str) -> bool:
    if name == LINK:
        return tag == "a" and not value.startswith("#") and bool(_SCHEMES.match(value))
    return (name != "type" or tag == "input") and is_constant(name, value)
