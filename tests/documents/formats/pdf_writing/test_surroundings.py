"""Everything that no page shows is gone: one test for each place in which a name can hide."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pymupdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from tests.documents.formats.pdf_writing.made import (
    NAME,
    a_letter,
    a_page,
    helvetica,
    holds,
    redacted,
    string,
    with_objects,
    written,
)

SECRET = "Zebedee Oxenbould"


def _contents(pdf: Pdf) -> bytes:
    pdf.pages[0].contents_coalesce()
    return bytes(pdf.pages[0].obj.Contents.read_bytes())


def _info(pdf: Pdf) -> None:
    pdf.docinfo["/Author"] = SECRET
    pdf.docinfo["/Private"] = SECRET


def _xmp(pdf: Pdf) -> None:
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET]


def _page_xmp(pdf: Pdf) -> None:
    pdf.pages[0].obj.Metadata = pdf.make_stream(
        SECRET.encode(), Type=Name.Metadata, Subtype=Name.XML
    )


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["notes.txt"] = SECRET.encode()


def _associated_file(pdf: Pdf) -> None:
    data = pdf.make_stream(SECRET.encode(), Type=Name.EmbeddedFile)
    spec = Dictionary(Type=Name.Filespec, F=string("a.txt"), EF=Dictionary(F=data))
    pdf.Root.AF = Array([pdf.make_indirect(spec)])


def _link(pdf: Pdf) -> None:
    action = Dictionary(S=Name.URI, URI=string(f"https://example.org/{SECRET}"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([72, 700, 200, 720]), A=action)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def _popup(pdf: Pdf) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Popup, Rect=Array([0, 0, 9, 9]), Contents=string(SECRET)
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _bookmark(pdf: Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(SECRET, 0))


def _named_destination(pdf: Pdf) -> None:
    tree = Dictionary(Names=Array([string(SECRET), Array([pdf.pages[0].obj, Name.Fit])]))
    pdf.Root.Names = Dictionary(Dests=pdf.make_indirect(tree))


def _script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=string(f"app.alert('{SECRET}')"))


def _page_action(pdf: Pdf) -> None:
    action = Dictionary(S=Name.JavaScript, JS=pdf.make_stream(SECRET.encode()))
    pdf.pages[0].obj.AA = Dictionary(O=action)


def _xfa(pdf: Pdf) -> None:
    form = f"<xfa><name>{SECRET}</name></xfa>".encode()
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(form))


def _actual_text(pdf: Pdf) -> None:
    before = _contents(pdf)
    pdf.pages[0].Contents = pdf.make_stream(
        b"/Span <</ActualText (%s) /Alt (x)>> BDC\n%s\nEMC" % (SECRET.encode(), before)
    )


def _properties(pdf: Pdf) -> None:
    page = pdf.pages[0].obj
    page.Resources.Properties = Dictionary(
        P0=pdf.make_indirect(Dictionary(ActualText=string(SECRET), MCID=0))
    )
    before = _contents(pdf)
    page.Contents = pdf.make_stream(b"/Span /P0 BDC\n%s\nEMC" % before)


def _structure(pdf: Pdf) -> None:
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    element = Dictionary(Type=Name.StructElem, S=Name.P, P=root, Alt=string(SECRET), E=string("e"))
    root.K = pdf.make_indirect(element)
    pdf.Root.StructTreeRoot = root


def _layer_name(pdf: Pdf) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=string(SECRET)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(Order=Array([layer])))


def _thumbnail(pdf: Pdf) -> None:
    pdf.pages[0].obj.Thumb = pdf.make_stream(SECRET.encode(), Width=1, Height=1)


def _piece_info(pdf: Pdf) -> None:
    pdf.Root.PieceInfo = Dictionary(App=Dictionary(Private=string(SECRET)))
    pdf.pages[0].obj.PieceInfo = Dictionary(App=Dictionary(Private=string(SECRET)))


def _page_labels(pdf: Pdf) -> None:
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=string(SECRET))]))


def _output_intent(pdf: Pdf) -> None:
    intent = Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFA1, Info=string(SECRET))
    pdf.Root.OutputIntents = Array([intent])


def _private_keys(pdf: Pdf) -> None:
    pdf.Root.Secret = string(SECRET)
    pdf.pages[0].obj.Secret = string(SECRET)
    pdf.pages[0].obj.Resources.Secret = string(SECRET)
    pdf.pages[0].obj.Resources.Font[
        next(iter(pdf.pages[0].obj.Resources.Font.keys()))
    ].Secret = string(SECRET)


def _comment_in_content(pdf: Pdf) -> None:
    before = _contents(pdf)
    pdf.pages[0].Contents = pdf.make_stream(b"%% %s\n%s" % (SECRET.encode(), before))


def _unknown_operator(pdf: Pdf) -> None:
    before = _contents(pdf)
    pdf.pages[0].Contents = pdf.make_stream(b"BX (%s) zz EX\n%s" % (SECRET.encode(), before))


def _extra_operand(pdf: Pdf) -> None:
    before = _contents(pdf)
    pdf.pages[0].Contents = pdf.make_stream(b"(%s) 0 g\n%s" % (SECRET.encode(), before))


def _undrawn_form(pdf: Pdf) -> None:
    form = pdf.make_stream(
        b"BT /F 9 Tf (%s) Tj ET" % SECRET.encode(),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 9, 9]),
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(Unused=form)


def _undrawn_object(pdf: Pdf) -> None:
    # Kept by a key that only this reference knows; no page draws it.
    pdf.trailer.Kept = pdf.make_indirect(Dictionary(Note=string(SECRET)))


def _collection(pdf: Pdf) -> None:
    pdf.Root.Collection = Dictionary(Schema=Dictionary(N=string(SECRET)))


def _threads(pdf: Pdf) -> None:
    pdf.Root.Threads = Array([pdf.make_indirect(Dictionary(I=Dictionary(Title=string(SECRET))))])


PLANTS = {
    plant.__name__.strip("_"): plant
    for plant in (
        _info, _xmp, _page_xmp, _attachment, _associated_file, _link, _popup, _bookmark,
        _named_destination, _script, _page_action, _xfa, _actual_text, _properties, _structure,
        _layer_name, _thumbnail, _piece_info, _page_labels, _output_intent, _private_keys,
        _comment_in_content, _unknown_operator, _extra_operand, _undrawn_form, _undrawn_object,
        _collection, _threads,
    )
}  # fmt: skip


@pytest.mark.parametrize("place", PLANTS)
def test_nothing_stays_in(place: str) -> None:
    plant: Callable[[Pdf], None] = PLANTS[place]
    content = with_objects(a_letter(), plant)
    assert holds(content, SECRET)
    result = redacted(content, NAME)
    assert not holds(result.content, SECRET)
    assert not holds(result.content, NAME)
    assert "your flat is ready." in result.text()
    assert all(check.is_passed for check in result.checks())


def test_only_pages_are_left() -> None:
    content = a_letter()
    for plant in PLANTS.values():
        content = with_objects(content, plant)
    with pikepdf.open(io.BytesIO(redacted(content, NAME).content)) as pdf:
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        assert set(pdf.trailer.keys()) <= {"/Root", "/Size", "/ID", "/Type", "/W", "/Index"} | {
            "/Length", "/Filter", "/DecodeParms"
        }  # fmt: skip
        allowed = {
            "/Type",
            "/Parent",
            "/MediaBox",
            "/CropBox",
            "/Rotate",
            "/Resources",
            "/Contents",
        }
        assert set(pdf.pages[0].obj.keys()) <= allowed


def test_form_field_is_removed_and_its_value_hidden() -> None:
    def draw(page: pymupdf.Page) -> None:
        field = pymupdf.Widget()
        field.field_name = "person"
        field.field_label = SECRET
        field.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
        field.field_value = NAME
        field.rect = pymupdf.Rect(72, 200, 400, 220)
        page.add_widget(field)

    content = a_page(draw, "Who lives here:")
    assert holds(content, NAME)
    result = redacted(content, NAME)
    assert result.hidden
    assert not holds(result.content, NAME)
    assert not holds(result.content, SECRET)


def test_old_revision_is_dropped() -> None:
    first = written(b"BT /F 12 Tf 72 300 Td (Dear %s.) Tj ET" % SECRET.encode())
    with pikepdf.open(io.BytesIO(first)) as pdf:
        number = pdf.pages[0].obj.Contents.objgen[0]
    text = b"BT /F 12 Tf 72 300 Td (Dear nobody.) Tj ET"
    offset = len(first) + 1
    update = b"\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(text),
        text,
    )
    start = len(first) + len(update)
    previous = first.rsplit(b"startxref", 1)[1].split()[0]
    with pikepdf.open(io.BytesIO(first)) as pdf:
        root = pdf.Root.objgen[0]
    update += b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size 99/Root %d 0 R/Prev %s>>\n" % (
        number, offset, root, previous,
    )  # fmt: skip
    content = first + update + b"startxref\n%d\n%%%%EOF\n" % start
    assert content.count(b"%%EOF") == 2
    result = redacted(content)
    assert "nobody" in result.text()
    assert not holds(result.content, SECRET)
    assert result.content.count(b"%%EOF") == 1


def test_hidden_layer_is_read_and_hidden() -> None:
    pdf = pikepdf.open(io.BytesIO(written(
        b"BT /F 12 Tf 40 300 Td (plain) Tj ET /OC /L0 BDC BT /F 12 Tf 40 200 Td (%s) Tj ET EMC"
        % NAME.encode()
    )))  # fmt: skip
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=string("draft")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
    pdf.pages[0].obj.Resources.Properties = Dictionary(L0=layer)
    content = io.BytesIO()
    pdf.save(content)
    result = redacted(content.getvalue(), NAME)
    assert result.hidden
    assert not holds(result.content, NAME)
    assert "plain" in result.text()


def test_map_of_a_font_tells_only_what_is_shown() -> None:
    codes = dict(enumerate("Wilhemna Quistplo", 1))
    back = {char: code for code, char in codes.items()}
    cmap = b"%d beginbfchar\n" % len(codes) + b"".join(
        b"<%02x> <%04x>\n" % (code, ord(char)) for code, char in codes.items()
    ) + b"endbfchar"  # fmt: skip
    pdf = pikepdf.new()
    font = helvetica()
    names = {" ": "space"}
    font.Encoding = Dictionary(
        Type=Name.Encoding,
        Differences=Array([1, *(Name("/" + names.get(c, c)) for c in codes.values())]),
    )
    font.FirstChar, font.LastChar = 1, len(codes)
    font.Widths = Array([500 + code for code in codes])
    font.ToUnicode = pdf.make_stream(cmap)
    page = pdf.add_blank_page(page_size=(400, 400)).obj
    page.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))

    def coded(text: str) -> bytes:
        return b"<%s>" % bytes(back[char] for char in text).hex().encode()

    page.Contents = pdf.make_stream(
        b"BT /F 12 Tf 40 300 Td %s Tj 0 -50 Td %s Tj ET" % (coded("Wilhem"), coded("son plain"))
    )
    content = io.BytesIO()
    pdf.save(content)
    result = redacted(content.getvalue(), "Wilhem")
    assert result.hidden
    assert "son plain" in result.text()
    with pikepdf.open(io.BytesIO(result.content)) as clean:
        left = next(f for f in clean.objects if isinstance(f, Dictionary) and "/ToUnicode" in f)
        assert b"<%04X>" % ord("W") not in left.ToUnicode.read_bytes()
        assert b"<%04X>" % ord("p") in left.ToUnicode.read_bytes()
        assert Name("/W") not in left.Encoding.Differences.as_list()


def test_what_was_removed_is_told_without_quoting_it() -> None:
    content = with_objects(with_objects(with_objects(a_letter(), _attachment), _bookmark), _script)
    sentences = " ".join(redacted(content, NAME).cleaned.removed)
    assert "1 attachment was removed." in sentences
    assert "bookmarks" in sentences
    assert "Scripts" in sentences
    assert SECRET not in sentences
    assert "notes.txt" not in sentences
