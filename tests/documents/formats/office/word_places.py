"""Every place of a Word document in which a value can stand, each with the value planted."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
from docx.shared import Inches

from tests.documents.formats.office.world import (
    CANARY,
    NAMESPACES,
    OTHER,
    RELATION,
    WORD_TYPE,
    edited,
    package_of,
    parts_of,
    picture,
    put,
    saved,
    swap,
    with_link,
    with_part,
)

DOCUMENT = "word/document.xml"
OFFICE = "http://schemas.microsoft.com/office/"
_ROOT = "<?xml version='1.0' encoding='UTF-8'?>\n"


def plain() -> bytes:
    """Return a document without anything private."""
    document = docx.Document()
    document.add_heading("A heading", 1)
    document.add_paragraph(OTHER)
    return saved(document)


def body(xml: str, content: bytes | None = None) -> bytes:
    """Return a document with XML at the end of its body."""
    start = content or plain()
    parts = parts_of(start)
    text = parts[DOCUMENT].decode()
    head, _, rest = text.partition("<w:document ")
    rest = rest.partition(">")[2]
    parts[DOCUMENT] = f"{head}<w:document {NAMESPACES}>{rest}".encode()
    parts[DOCUMENT] = put("<w:sectPr", xml)(parts[DOCUMENT])
    return package_of(parts)


def p(inner: str) -> str:
    """Return a paragraph."""
    return f"<w:p>{inner}</w:p>"


def r(text: str, properties: str = "") -> str:
    """Return a run."""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def _docx(make: Callable[[docx.document.Document], object]) -> bytes:
    document = docx.Document()
    document.add_paragraph(OTHER)
    make(document)
    return saved(document)


def _table(document: docx.document.Document) -> None:
    table = document.add_table(2, 2)
    table.cell(0, 0).text = "left"
    table.cell(1, 1).text = CANARY
    table.cell(1, 0).add_table(1, 1).cell(0, 0).text = f"nested {CANARY}"


def _header(document: docx.document.Document) -> None:
    section = document.sections[0]
    section.different_first_page_header_footer = True
    document.settings.odd_and_even_pages_header_footer = True
    for story in (
        section.header,
        section.footer,
        section.first_page_header,
        section.first_page_footer,
        section.even_page_header,
        section.even_page_footer,
    ):
        story.paragraphs[0].text = f"Mr {CANARY}"


def _comment(document: docx.document.Document) -> None:
    runs = document.add_paragraph("text").runs
    document.add_comment(runs, text=f"ask {CANARY}", author=CANARY, initials="ZephyrinaQ")


def _properties(document: docx.document.Document) -> None:
    properties = document.core_properties
    for name in ("author", "title", "subject", "keywords", "comments", "last_modified_by"):
        setattr(properties, name, CANARY)
    properties.category = properties.content_status = properties.identifier = CANARY


def _picture(document: docx.document.Document) -> None:
    document.add_picture(io.BytesIO(picture("Quillborne wins")), width=Inches(4))


def _notes(kind: str) -> bytes:
    notes = (
        f"{_ROOT}<w:{kind}s {NAMESPACES}>"
        f'<w:{kind} w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:{kind}>'
        f'<w:{kind} w:id="2">{p(r("see Zephyrina ") + r("Quillborne"))}</w:{kind}></w:{kind}s>'
    )
    content = body(p(r("text") + f'<w:r><w:{kind}Reference w:id="2"/></w:r>'))
    return with_part(
        content,
        DOCUMENT,
        f"word/{kind}s.xml",
        notes,
        kind=f"{RELATION}{kind}s",
        type=f"{WORD_TYPE}{kind}s+xml",
    )


def _changed(name: str, inner: str) -> str:
    attributes = f'w:id="9" w:author="{CANARY}" w:date="2026-01-01T00:00:00Z"'
    return f"<w:{name} {attributes}>{inner}</w:{name}>"


def _deleted(name: str = "del") -> str:
    return _changed(name, f"<w:r><w:delText>{CANARY}</w:delText></w:r>")


_BOX_TEXT = f"<w:txbxContent>{p(r('box of Zephyrina ') + r('Quillborne'))}</w:txbxContent>"
_TEXT_BOX = (
    "<w:r><mc:AlternateContent>"
    '<mc:Choice Requires="wps"><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
    '<wp:extent cx="900000" cy="900000"/><wp:docPr id="7" name="Box"/>'
    '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/'
    'wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr/><wps:txbx>'
    f"{_BOX_TEXT}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline>"
    "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>"
    f"{_BOX_TEXT.replace('box of', 'other branch with')}"
    "</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
_OLD_BOX = (
    '<w:r><w:pict><v:shape id="Quillborne" alt="Zephyrina Quillborne" href="http://quillborne.org"'
    f' style="width:90pt;height:90pt"><v:textbox>{_BOX_TEXT}</v:textbox></v:shape></w:pict></w:r>'
)
_WORD_ART = (
    '<w:r><w:pict><v:shape type="#_x0000_t136" style="width:90pt;height:90pt">'
    f'<v:textpath string="{CANARY}"/></v:shape></w:pict></w:r>'
)


def _field(code: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        + "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in code.split("|"))
        + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + r(result)
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


_FORM_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Quillborne"/><w:enabled/>'
    f'<w:statusText w:val="{CANARY}"/><w:textInput><w:default w:val="{CANARY}"/></w:textInput>'
    "</w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r>"
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    + r(CANARY)
    + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
_CONTROL = (
    f'<w:sdt><w:sdtPr><w:alias w:val="{CANARY}"/><w:tag w:val="quillborne"/>'
    f'<w:dropDownList><w:listItem w:displayText="{CANARY}" w:value="q"/></w:dropDownList>'
    f'<w:dataBinding w:xpath="/a[@b=\'{CANARY}\']" w:storeItemID="1"/></w:sdtPr>'
    f"<w:sdtContent>{p(r('Zephyrina ') + r('Quillborne'))}</w:sdtContent></w:sdt>"
)
_RUBY = (
    "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>Quill</w:t></w:r><w:r><w:t>borne</w:t></w:r></w:rt>"
    f"<w:rubyBase><w:r><w:t>{CANARY}</w:t></w:r></w:rubyBase></w:ruby></w:r>"
)


def _settings(xml: str) -> bytes:
    return edited(plain(), {"word/settings.xml": put("</w:settings>", xml)})


def _styles() -> bytes:
    style = (
        '<w:style w:type="paragraph" w:customStyle="1" w:styleId="Quillborne">'
        f'<w:name w:val="{CANARY}"/><w:aliases w:val="{CANARY}"/><w:basedOn w:val="Normal"/>'
        "</w:style>"
    )
    content = body(p('<w:pPr><w:pStyle w:val="Quillborne"/></w:pPr>' + r("styled")))
    return edited(content, {"word/styles.xml": put("</w:styles>", style)})


def _added(name: str, part: bytes | str, kind: str, type: str, xml: str = "") -> bytes:
    relation = kind if kind.startswith("http") else RELATION + kind
    return with_part(body(xml), DOCUMENT, name, part, kind=relation, type=type)


def _chart() -> bytes:
    chart = (
        f"{_ROOT}<c:chartSpace {NAMESPACES}><c:chart><c:title><c:tx><c:rich><a:bodyPr/><a:p>"
        f"<a:r><a:t>Zephyrina </a:t></a:r><a:r><a:t>Quillborne</a:t></a:r></a:p></c:rich></c:tx>"
        "</c:title><c:plotArea><c:barChart><c:ser><c:idx val='0'/><c:order val='0'/><c:tx>"
        "<c:strRef>"
        f"<c:f>'{CANARY}'!$B$1</c:f><c:strCache><c:ptCount val='1'/><c:pt idx='0'><c:v>{CANARY}"
        "</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:f>Quillborne!$A$2</c:f>"
        f"<c:strCache><c:ptCount val='1'/><c:pt idx='0'><c:v>{CANARY}</c:v></c:pt></c:strCache>"
        "</c:strRef></c:cat><c:val><c:numRef><c:f>Quillborne!$B$2</c:f><c:numCache>"
        "<c:formatCode>General</c:formatCode><c:ptCount val='1'/><c:pt idx='0'><c:v>7</c:v></c:pt>"
        "</c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart>"
        '<c:externalData r:id="rIdAdded"/></c:chartSpace>'
    )
    drawing = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/>'
        f'<wp:docPr id="3" name="{CANARY}" descr="about {CANARY}" title="{CANARY}"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        '<c:chart r:id="rIdAdded"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
    kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    content = _added("word/charts/quillborne.xml", chart, "chart", kind, p(drawing))
    book = package_of({"xl/quillborne.xml": CANARY.encode()})
    return with_part(
        content,
        "word/charts/quillborne.xml",
        "word/embeddings/quillborne.xlsx",
        book,
        kind=f"{RELATION}package",
        type=f"{WORD_TYPE}sheet",
    )


def _diagram() -> bytes:
    data = (
        f"{_ROOT}<dgm:dataModel {NAMESPACES}><dgm:ptLst><dgm:pt modelId='1'><dgm:prSet "
        f"phldrT='[{CANARY}]'/><dgm:t><a:bodyPr/><a:p><a:r><a:t>Zephyrina </a:t></a:r><a:r><a:t>"
        "Quillborne</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst><dgm:cxnLst/></dgm:dataModel>"
    )
    drawing = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="3" name="D"/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/diagram">'
        '<dgm:relIds r:dm="rIdAdded"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    content = _added("word/diagrams/data1.xml", data, "diagramData", kind, p(drawing))
    cached = data.replace("dataModel", "drawing")
    return with_part(
        content,
        DOCUMENT,
        "word/diagrams/drawing1.xml",
        cached,
        kind=f"{OFFICE}2007/relationships/diagramDrawing",
        type="application/vnd.ms-office.drawingml.diagramDrawing+xml",
    )


def _object() -> bytes:
    xml = (
        '<w:r><w:object><v:shape style="width:9pt;height:9pt"/>'
        '<o:OLEObject Type="Embed" ProgID="Quillborne.Document" r:id="rIdAdded"/></w:object></w:r>'
    )
    content = CANARY.encode("utf-16-le")
    return _added(
        "word/embeddings/oleObject1.bin",
        content,
        "oleObject",
        "application/vnd.openxmlformats-officedocument.oleObject",
        p(xml),
    )


def _macros() -> bytes:
    content = _added(
        "word/vbaProject.bin",
        CANARY.encode(),
        f"{OFFICE}2006/relationships/vbaProject",
        "application/vnd.ms-office.vbaProject",
    )
    old = f"{WORD_TYPE}document.main+xml"
    new = "application/vnd.ms-word.document.macroEnabled.main+xml"
    return edited(content, {"[Content_Types].xml": swap(old, new)})


def _root_part(name: str, part: str, kind: str, type: str) -> bytes:
    return with_part(plain(), "", name, part, kind=kind, type=type)


def _numbering() -> bytes:
    level = f'<w:lvlText w:val="{CANARY} %1"/>'
    numbering = (
        f'{_ROOT}<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="0">'
        f'<w:nsid w:val="0A1B2C3D"/><w:name w:val="{CANARY}"/><w:lvl w:ilvl="0">'
        f'<w:start w:val="1"/><w:numFmt w:val="decimal"/>{level}</w:lvl></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
    )
    parts = parts_of(plain())
    parts["word/numbering.xml"] = numbering.encode()
    return package_of(parts)


def _exif() -> bytes:
    from PIL import Image

    image = Image.new("RGB", (60, 60), "white")
    exif = Image.Exif()
    exif[0x013B] = CANARY
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif.tobytes(), comment=CANARY.encode())
    return _docx(lambda document: document.add_picture(io.BytesIO(out.getvalue())))


def _vector() -> bytes:
    content = _docx(_picture)
    parts = parts_of(content)
    old = next(name for name in parts if name.startswith("word/media/"))
    del parts[old]
    parts["word/media/quillborne.svg"] = f"<svg><text>{CANARY}</text></svg>".encode()
    rels = "word/_rels/document.xml.rels"
    parts[rels] = parts[rels].replace(old.removeprefix("word/").encode(), b"media/quillborne.svg")
    override = '<Default Extension="svg" ContentType="image/svg+xml"/>'
    parts["[Content_Types].xml"] = put("</Types>", override)(parts["[Content_Types].xml"])
    return package_of(parts)


PLACES: dict[str, Callable[[], bytes]] = {
    "body": lambda: body(p(r(f"Mr {CANARY} lives here"))),
    "split over runs": lambda: body(
        p("".join(r(piece, "<w:rPr><w:b/></w:rPr>") for piece in ("Zeph", "yrina Q", "uillborne")))
    ),
    "split over a tab and a line end": lambda: body(
        p("<w:r><w:t>Zephyrina</w:t><w:tab/><w:t>Quill</w:t><w:softHyphen/><w:t>borne</w:t></w:r>")
        + p("<w:r><w:t>Zephyrina</w:t><w:br/><w:t>Quillborne</w:t></w:r>")
    ),
    "hidden text": lambda: body(p(r(CANARY, "<w:rPr><w:vanish/></w:rPr>"))),
    "split over a hyperlink and a smart tag": lambda: body(
        p(
            r("Zeph")
            + f'<w:hyperlink w:anchor="quillborne" w:tooltip="{CANARY}">{r("yrina ")}</w:hyperlink>'
            + f'<w:smartTag w:uri="urn:quillborne" w:element="Quillborne">{r("Quill")}</w:smartTag>'
            + r("borne")
        )
    ),
    "table": lambda: _docx(_table),
    "headers and footers": lambda: _docx(_header),
    "footnote": lambda: _notes("footnote"),
    "endnote": lambda: _notes("endnote"),
    "comment": lambda: _docx(_comment),
    "text box, both branches": lambda: body(p(_TEXT_BOX)),
    "old text box": lambda: body(p(_OLD_BOX)),
    "word art": lambda: body(p(_WORD_ART)),
    "tracked insertion": lambda: body(p(r("Zephyrina ") + _changed("ins", r("Quillborne")))),
    "tracked deletion": lambda: body(p(r("kept") + _deleted())),
    "tracked move": lambda: body(
        p(_changed("moveFrom", r(CANARY))) + p(_changed("moveTo", r(CANARY)))
    ),
    "deleted row": lambda: body(
        f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:trPr>{_changed('del', '')}</w:trPr>"
        f"<w:tc>{p(r(CANARY))}</w:tc></w:tr><w:tr><w:tc>{p(r('kept'))}</w:tc></w:tr></w:tbl>"
    ),
    "deleted end of a paragraph": lambda: body(
        p(f"<w:pPr><w:rPr>{_changed('del', '')}</w:rPr></w:pPr>" + r("Zephyrina "))
        + p(r("Quillborne"))
    ),
    "author of a change of format": lambda: body(
        p(f"<w:r><w:rPr><w:b/>{_changed('rPrChange', '<w:rPr/>')}</w:rPr><w:t>bold</w:t></w:r>")
    ),
    "field code and result": lambda: body(
        p(_field(' HYPERLINK "mailto:|quillborne@example.org" ', CANARY))
        + p(_field(" MERGEFIELD Quill|borne ", "Zephyrina"))
        + p(_field(" PAGE ", "1"))
    ),
    "simple field": lambda: body(
        p(f'<w:fldSimple w:instr="DOCPROPERTY {CANARY}">{r(CANARY)}</w:fldSimple>')
    ),
    "field without an end": lambda: body(
        p(
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f"<w:r><w:instrText> QUOTE {CANARY}</w:instrText></w:r>"
        )
    ),
    "form field": lambda: body(p(_FORM_FIELD)),
    "content control": lambda: body(_CONTROL),
    "ruby": lambda: body(p(_RUBY)),
    "formula": lambda: body(
        p("<m:oMath><m:r><m:t>Zephyrina </m:t></m:r><m:r><m:t>Quillborne</m:t></m:r></m:oMath>")
    ),
    "bookmark": lambda: body(
        p('<w:bookmarkStart w:id="1" w:name="Quillborne"/>' + r("x") + '<w:bookmarkEnd w:id="1"/>')
    ),
    "permission": lambda: body(
        p('<w:permStart w:id="1" w:ed="quillborne"/>' + r("x") + '<w:permEnd w:id="1"/>')
    ),
    "hyperlink target": lambda: with_link(
        body(p(f'<w:hyperlink r:id="rIdAdded">{r("write")}</w:hyperlink>')),
        DOCUMENT,
        "mailto:zephyrina%2Equillborne@example.org",
    ),
    "linked picture": lambda: with_link(
        body(
            p(
                '<w:r><w:drawing><wp:inline><wp:extent cx="9" cy="9"/><wp:docPr id="1" name="P"/>'
                '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/'
                'picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="quillborne.png" '
                f'descr="{CANARY}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
                '<a:blip r:link="rIdAdded"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData>'
                "</a:graphic></wp:inline></w:drawing></w:r>"
            )
        ),
        DOCUMENT,
        "file:///C:/Users/Quillborne/a.png",
        kind="image",
    ),
    "template": lambda: with_link(
        _settings('<w:attachedTemplate r:id="rIdAdded" xmlns:r="' + RELATION[:-1] + '"/>'),
        "word/settings.xml",
        "file:///C:/Users/Quillborne/letter.dotx",
        kind="attachedTemplate",
    ),
    "document variables and mail merge": lambda: _settings(
        f'<w:docVars><w:docVar w:name="q" w:val="{CANARY}"/></w:docVars><w:mailMerge>'
        f'<w:connectString w:val="{CANARY}"/><w:query w:val="SELECT {CANARY}"/></w:mailMerge>'
    ),
    "properties": lambda: _docx(_properties),
    "application's properties": lambda: edited(
        plain(), {"docProps/app.xml": put("</Properties>", f"<Manager>{CANARY}</Manager>")}
    ),
    "own properties": lambda: _root_part(
        "docProps/custom.xml",
        f'<Properties><property name="{CANARY}"><lpwstr>{CANARY}</lpwstr></property></Properties>',
        f"{RELATION}custom-properties",
        "application/vnd.openxmlformats-officedocument.custom-properties+xml",
    ),
    "customXml": lambda: _added(
        "customXml/item1.xml", f"<a>{CANARY}</a>", "customXml", "application/xml"
    ),
    "thumbnail": lambda: with_part(
        plain(),
        "",
        "docProps/thumbnail.jpeg",
        picture(CANARY, format="JPEG") + CANARY.encode(),
        kind="http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail",
        type="image/jpeg",
    ),
    "people": lambda: _added(
        "word/people.xml",
        f'<w15:people {NAMESPACES}><w15:person w15:author="{CANARY}"/></w15:people>',
        f"{OFFICE}2011/relationships/people",
        f"{WORD_TYPE}people+xml",
    ),
    "glossary": lambda: _added(
        "word/glossary/document.xml",
        f"<w:glossaryDocument {NAMESPACES}>{p(r(CANARY))}</w:glossaryDocument>",
        "glossaryDocument",
        f"{WORD_TYPE}document.glossary+xml",
    ),
    "inserted document": lambda: _added(
        "word/afchunk.htm", CANARY, "aFChunk", "text/html", '<w:altChunk r:id="rIdAdded"/>'
    ),
    "embedded font": lambda: _added(
        "word/fonts/font1.odttf",
        CANARY.encode(),
        "font",
        "application/vnd.openxmlformats-officedocument.obfuscatedFont",
    ),
    "printer settings": lambda: _added(
        "word/printerSettings1.bin",
        CANARY.encode("utf-16-le"),
        "printerSettings",
        f"{WORD_TYPE}printerSettings",
    ),
    "active control": lambda: _added(
        "word/activeX/activeX1.xml",
        f'<ax name="{CANARY}"/>',
        "control",
        "application/vnd.ms-office.activeX+xml",
        p('<w:r><w:object><w:control r:id="rIdAdded" w:name="Quillborne"/></w:object></w:r>'),
    ),
    "part of an unknown kind": lambda: _added(
        "word/quillborne.dat", CANARY, "http://example.org/new/quillborne", "application/x-new"
    ),
    "part that nothing points to": lambda: edited(plain(), {"word/left.xml": CANARY.encode()}),
    "style names": _styles,
    "chart with its workbook": _chart,
    "diagram": _diagram,
    "embedded object": _object,
    "macros": _macros,
    "numbers of paragraphs": _numbering,
    "picture": lambda: _docx(_picture),
    "metadata of a picture": _exif,
    "vector picture": _vector,
    "unknown element, attribute and comment": lambda: body(
        f"<!-- {CANARY} --><?quill {CANARY}?>"
        + p(r("x"))
        + f'<q:a xmlns:q="urn:quillborne" q:b="{CANARY}">{p(r(CANARY))}</q:a>'
    ),
    "prefix and address of a namespace": lambda: body(
        '<w:p xmlns:quillborne="urn:quillborne"><w:r><w:t>x</w:t></w:r></w:p>'
    ),
}
