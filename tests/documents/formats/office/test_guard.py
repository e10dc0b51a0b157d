"""What no walk has read does not stay because nobody thought of it."""

from __future__ import annotations

import pytest
from lxml import etree

from documents.formats import office
from documents.formats.office.attributes import is_harmless
from documents.formats.office.xml import q
from tests.documents.formats.office import text_places
from tests.documents.formats.office.word_places import body, p, plain, r
from tests.documents.formats.office.world import (
    OPTIONS,
    cleaned,
    edited,
    parts_of,
    put,
    require_gone,
)

CASES = {
    "text between elements": p("loose Quillborne" + r("x")),
    "text within properties": p("<w:pPr><w:ind>Quillborne</w:ind></w:pPr>" + r("x")),
    "sentence in an attribute": p(f'<w:pPr><w:ind w:left="of Ms Quillborne"/></w:pPr>{r("x")}'),
    "address in an attribute": p(
        f'<w:pPr><w:ind w:left="quillborne@example.org"/></w:pPr>{r("x")}'
    ),
    "attribute of an unknown kind": p('<w:r xmlns:q="urn:q" q:w="Quillborne"><w:t>x</w:t></w:r>'),
    "extension": p(
        '<w:r><w:drawing><a:extLst><a:ext uri="q"><a:t>Quillborne</a:t></a:ext></a:extLst>'
        "</w:drawing></w:r>"
    ),
    "name of a shape": p('<w:r><w:drawing><wp:docPr id="1" name="Quillborne"/></w:drawing></w:r>'),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_taken_out(case: str) -> None:
    written = cleaned(body(CASES[case]))[1]
    require_gone(written.content)


def test_embedded_fonts_go_and_names_of_fonts_stay() -> None:
    font = '<w:font w:name="Georgia"><w:embedRegular r:id="rId1" w:fontKey="{0}"/></w:font>'
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    font = font.replace("<w:font ", f'<w:font xmlns:r="{namespace}" ')
    content = edited(plain(), {"word/fontTable.xml": put("</w:fonts>", font)})
    table = parts_of(cleaned(content)[1].content)["word/fontTable.xml"].decode()
    assert 'w:name="Georgia"' in table
    assert "embedRegular" not in table


UNREAD = {
    "measure": p('<w:pPr><w:ind w:left="Quillborne"/></w:pPr>' + r("x")),
    "switch": p('<w:pPr><w:jc w:val="Quillborne"/></w:pPr>' + r("x")),
    "word of the format in a wrong place": p('<w:pPr><w:ind w:left="Georgia"/></w:pPr>' + r("x")),
    "style of a shape": p(
        '<w:r><w:pict><v:shape style="width:9pt;mso-x:Quillborne;Quillborne:y"/></w:pict></w:r>'
    ),
    "outline of a shape": p('<w:r><w:pict><v:shape path="m0,0,Quillborne,xe"/></w:pict></w:r>'),
    "formula of a shape": p(
        '<w:r><w:drawing><a:custGeom><a:gdLst><a:gd name="Quillborne" fmla="val Quillborne"/>'
        "</a:gdLst></a:custGeom></w:drawing></w:r>"
    ),
    "kind of a graphic": p(
        '<w:r><w:drawing><a:graphicData uri="http://schemas.openxmlformats.org/Quillborne"/>'
        "</w:drawing></w:r>"
    ),
    "language": p('<w:r><w:rPr><w:lang w:val="Quillborne"/></w:rPr><w:t>x</w:t></w:r>'),
}


@pytest.mark.parametrize("case", UNREAD)
def test_word_that_nobody_looked_for_is_taken_out(case: str) -> None:
    """No detector reads attributes: a word in one is no hidden value that a search could find."""
    content = body(UNREAD[case])
    extracted = office.read(content, OPTIONS)
    written = office.write_clean(content, extracted, [], options=OPTIONS)
    part = parts_of(written.content)["word/document.xml"]
    assert b"Quillborne" not in part
    assert b"Georgia" not in part


def test_words_of_the_format_stay_where_the_format_has_them() -> None:
    kept = (
        '<w:pPr><w:jc w:val="both"/><w:ind w:left="720"/></w:pPr><w:r><w:rPr>'
        '<w:rFonts w:ascii="Georgia"/><w:color w:val="4F81BD"/><w:highlight w:val="green"/>'
        '<w:lang w:val="de-DE"/></w:rPr><w:t>x</w:t></w:r>'
    )
    part = parts_of(cleaned(body(p(kept)))[1].content)["word/document.xml"].decode()
    for value in ("both", "720", "Georgia", "4F81BD", "green", "de-DE"):
        assert f'="{value}"' in part


@pytest.mark.parametrize("hostile", ["1:" * 60 + "x", "A1" * 60 + "!", "1." * 4_000 + "Q", "é" * 9])
def test_long_attributes_end_quickly(hostile: str) -> None:
    """Patterns that try every way to cut a value would not end."""
    node = etree.Element(q("w:ind"))
    assert not is_harmless(node, q("w:left"), hostile)


ODT_UNREAD = {
    "kind of a note": '<text:p>x<text:note text:note-class="Quillborne"/></text:p>',
    "measure": '<text:list><text:list-item text:start-value="Quillborne"/></text:list>',
    "outline of a shape": '<draw:path svg:d="m0 0 Quillborne z" svg:width="1cm"/>',
    "place of a shape": '<draw:rect draw:transform="Quillborne (1cm)" svg:width="1cm"/>',
    "style that looks built in": '<text:p text:style-name="Index_20_Quillborne">x</text:p>',
}


@pytest.mark.parametrize("case", ODT_UNREAD)
def test_word_that_nobody_looked_for_is_taken_out_of_an_odt(case: str) -> None:
    content = text_places.odt(ODT_UNREAD[case])
    extracted = office.read(content, OPTIONS)
    written = office.write_clean(content, extracted, [], options=OPTIONS)
    assert b"Quillborne" in parts_of(content)["content.xml"]
    assert b"Quillborne" not in parts_of(written.content)["content.xml"]
