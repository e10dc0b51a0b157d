"""What no walk has read does not stay because nobody thought of it."""

from __future__ import annotations

import pytest

from tests.documents.formats.office.word_places import body, p, plain, r
from tests.documents.formats.office.world import cleaned, edited, put, require_gone

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
    from tests.documents.formats.office.world import parts_of

    table = parts_of(cleaned(content)[1].content)["word/fontTable.xml"].decode()
    assert 'w:name="Georgia"' in table
    assert "embedRegular" not in table
