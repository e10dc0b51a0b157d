"""Every place of an ODT in which a value can stand, each with the value planted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from tests.documents.formats.office.world import CANARY, OTHER, parts_of, picture

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES = " ".join(
    [
        *(
            f'xmlns:{prefix}="{_ODF}{uri}"'
            for prefix, uri in {
                "office": "office:1.0",
                "style": "style:1.0",
                "text": "text:1.0",
                "table": "table:1.0",
                "draw": "drawing:1.0",
                "fo": "xsl-fo-compatible:1.0",
                "svg": "svg-compatible:1.0",
                "form": "form:1.0",
                "script": "script:1.0",
                "meta": "meta:1.0",
                "manifest": "manifest:1.0",
            }.items()
        ),
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ]
)
_MIME = "application/vnd.oasis.opendocument.text"


def odt(
    body: str = "",
    *,
    styles: str = "",
    masters: str = "",
    more: Mapping[str, bytes] | None = None,
    scripts: str = "",
) -> bytes:
    """Return an ODT with this body after a heading and a paragraph."""
    parts = {
        "mimetype": _MIME.encode(),
        "content.xml": (
            f'<office:document-content {_NAMESPACES} office:version="1.3">{scripts}'
            "<office:automatic-styles/><office:body><office:text>"
            f'<text:h text:outline-level="2">A heading</text:h><text:p>{OTHER}</text:p>{body}'
            "</office:text></office:body></office:document-content>"
        ).encode(),
        "styles.xml": (
            f'<office:document-styles {_NAMESPACES} office:version="1.3"><office:styles>{styles}'
            "</office:styles><office:automatic-styles>"
            '<style:page-layout style:name="Mpm1"/></office:automatic-styles><office:master-styles>'
            '<style:master-page style:name="Standard" style:page-layout-name="Mpm1">'
            f"{masters}</style:master-page></office:master-styles></office:document-styles>"
        ).encode(),
        "META-INF/manifest.xml": (
            f'<manifest:manifest {_NAMESPACES} manifest:version="1.3"><manifest:file-entry '
            f'manifest:full-path="/" manifest:media-type="{_MIME}"/></manifest:manifest>'
        ).encode(),
        **(more or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def p(inner: str) -> str:
    """Return a paragraph."""
    return f"<text:p>{inner}</text:p>"


def _frame(inner: str) -> str:
    return f'<draw:frame draw:name="{CANARY}" svg:width="2cm" svg:height="2cm">{inner}</draw:frame>'


_TRACKED = (
    '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><office:change-info>'
    f"<dc:creator>{CANARY}</dc:creator></office:change-info><text:p>{CANARY}</text:p>"
    "</text:deletion></text:changed-region></text:tracked-changes>"
)
_COMMENT = (
    f"<office:annotation><dc:creator>{CANARY}</dc:creator><dc:date>2026-01-01</dc:date>"
    f"<text:p>ask {CANARY}</text:p></office:annotation>"
)
_TABLE = (
    f'<table:table table:name="{CANARY}">'
    '<table:table-column table:number-columns-repeated="2"/><table:table-row>'
    "<table:table-cell><text:p>a</text:p></table:table-cell>"
    f'<table:table-cell office:value-type="string" '
    f'office:string-value="{CANARY}" table:formula="of:={CANARY}"><text:p>{CANARY}</text:p>'
    "</table:table-cell></table:table-row>"
    "</table:table>"
)
_NOTE = (
    '<text:note text:note-class="footnote"><text:note-citation text:label="Quillborne">Quillborne'
    f"</text:note-citation><text:note-body><text:p>see {CANARY}</text:p></text:note-body>"
    "</text:note>"
)
_INDEX = (
    '<text:table-of-content text:name="Quillborne"><text:table-of-content-source>'
    f"<text:index-title-template>{CANARY}</text:index-title-template>"
    f"</text:table-of-content-source><text:index-body><text:p>{CANARY}</text:p></text:index-body>"
    "</text:table-of-content>"
)

PLACES: dict[str, Callable[[], bytes]] = {
    "body": lambda: odt(p(f"Ms {CANARY}")),
    "split over spans": lambda: odt(
        p(
            "Zeph<text:span>yrina</text:span> <text:span>Quill<text:span>bo</text:span>"
            "</text:span>rne"
        )
    ),
    "split over spaces, a tab and a line end": lambda: odt(
        p('Zephyrina<text:s text:c="3"/>Quillborne')
        + p("Zephyrina<text:tab/>Quill<text:bookmark text:name='Quillborne'/>borne")
        + p("Zephyrina<text:line-break/>Quillborne")
    ),
    "table": lambda: odt(_TABLE),
    "header and footer": lambda: odt(
        masters=f"<style:header>{p(CANARY)}</style:header><style:footer-left>{p(CANARY)}"
        "</style:footer-left>"
    ),
    "note": lambda: odt(p(f"text{_NOTE}")),
    "comment": lambda: odt(p(f"text{_COMMENT}more")),
    "tracked changes": lambda: odt(_TRACKED + p('a<text:change text:change-id="c1"/>b')),
    "text box and its description": lambda: odt(
        p(
            _frame(
                f"<draw:text-box>{p('Zephyrina ' + 'Quillborne')}</draw:text-box>"
                f"<svg:title>{CANARY}</svg:title><svg:desc>about {CANARY}</svg:desc>"
            )
        )
    ),
    "link": lambda: odt(p('<text:a xlink:href="mailto:zephyrina%2Equillborne@x.org">w</text:a>')),
    "picture": lambda: odt(
        p(_frame('<draw:image xlink:href="Pictures/Quillborne.png"/>')),
        more={"Pictures/Quillborne.png": picture("Quillborne wins")},
    ),
    "vector picture": lambda: odt(
        p(_frame('<draw:image xlink:href="Pictures/q.svg"/>')),
        more={"Pictures/q.svg": f"<svg>{CANARY}</svg>".encode()},
    ),
    "linked picture": lambda: odt(p(_frame('<draw:image xlink:href="file:///Quillborne.png"/>'))),
    "embedded object": lambda: odt(
        p(_frame('<draw:object xlink:href="./Object 1"/>')),
        more={"Object 1/content.xml": CANARY.encode()},
    ),
    "fields": lambda: odt(
        p(
            f'<text:user-field-get text:name="q">{CANARY}</text:user-field-get>'
            f'<text:hidden-text text:string-value="{CANARY}" text:condition="q"/>'
            f'<text:database-display text:table-name="{CANARY}">x</text:database-display>'
        )
        + f'<text:user-field-decls><text:user-field-decl office:string-value="{CANARY}"/>'
        "</text:user-field-decls>"
    ),
    "index": lambda: odt(_INDEX),
    "section and its source": lambda: odt(
        f'<text:section text:name="{CANARY}"><text:section-source xlink:href="Quillborne.odt"/>'
        f"{p(CANARY)}</text:section>"
    ),
    "form": lambda: odt(
        f'<office:forms><form:form form:name="q"><form:text form:value="{CANARY}"/></form:form>'
        "</office:forms>"
    ),
    "scripts": lambda: odt(
        scripts=f"<office:scripts><office:script>{CANARY}</office:script></office:scripts>",
        more={"Basic/Standard/Module1.xml": CANARY.encode()},
    ),
    "properties, settings and thumbnail": lambda: odt(
        more={
            "meta.xml": (
                f"<office:document-meta {_NAMESPACES}><office:meta><dc:title>{CANARY}</dc:title>"
                "</office:meta></office:document-meta>"
            ).encode(),
            "settings.xml": CANARY.encode(),
            "Thumbnails/thumbnail.png": CANARY.encode(),
            "Configurations2/q.xml": CANARY.encode(),
            "manifest.rdf": CANARY.encode(),
        }
    ),
    "style names": lambda: odt(
        '<text:p text:style-name="Quillborne">styled</text:p>',
        styles=f'<style:style style:name="Quillborne" style:display-name="{CANARY}" '
        'style:family="paragraph"/>',
    ),
    "ruby": lambda: odt(
        p(
            "<text:ruby><text:ruby-base>Zephyrina Quillborne</text:ruby-base>"
            "<text:ruby-text>Quillborne</text:ruby-text></text:ruby>"
        )
    ),
    "unknown elements": lambda: odt(f'<q:a xmlns:q="urn:quillborne" q:b="{CANARY}">{CANARY}</q:a>'),
    "another part": lambda: odt(more={"Quillborne.txt": CANARY.encode()}),
}


def names_in(content: bytes) -> list[str]:
    """Return the names of a package's parts."""
    return list(parts_of(content))
