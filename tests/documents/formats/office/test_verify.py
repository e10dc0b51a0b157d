"""The search of a clean file finds a value that is planted into it afterwards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from documents.formats import office
from documents.formats.survivors import HiddenValues
from tests.documents.formats.office import sheet_places, slide_places, text_places, word_places
from tests.documents.formats.office.world import (
    CANARY,
    NAMESPACES,
    OPTIONS,
    cleaned,
    edited,
    failed,
    package_of,
    parts_of,
    picture,
    planted,
    put,
    swap,
)

WORD = "word/document.xml"
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def word() -> bytes:
    return planted(word_places.PLACES["comment"]).written.content


@pytest.fixture(scope="module")
def book() -> bytes:
    return planted(sheet_places.PLACES["cells"]).written.content


def survivors(content: bytes, *values: str) -> dict[str, tuple[str, ...]]:
    """Return where values are found, by the name of the check."""
    looked_for = HiddenValues(values or (CANARY,), "")
    checks = office.verify(content, looked_for, options=OPTIONS)
    return {check.name: check.survivors for check in checks if check.survivors}


def run(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


LEAKS: dict[str, Callable[[bytes], bytes]] = {
    "text": lambda content: edited(content, {WORD: put("<w:sectPr", run(CANARY))}),
    "text in other cases and signs": lambda content: edited(
        content, {WORD: put("<w:sectPr", run("ZEPHYRINA-quill.borne"))}
    ),
    "text split over runs": lambda content: edited(
        content,
        {WORD: put("<w:sectPr", run("Zephyrina Qu</w:t></w:r><w:r><w:t>illborne"))},
    ),
    "comments": lambda content: edited(
        content, {"word/comments.xml": put("</w:comment>", run(CANARY))}
    ),
    "remark in the XML": lambda content: edited(
        content, {WORD: put("</w:body>", f"<!--{CANARY}-->")}
    ),
    "processing instruction": lambda content: edited(
        content, {WORD: put("</w:body>", f"<?a {CANARY}?>")}
    ),
    "attribute": lambda content: edited(
        content, {WORD: put("<w:sectPr", f'<w:p w:rsidR="{CANARY}"/>')}
    ),
    "address of a link": lambda content: edited(
        content,
        {
            "word/_rels/document.xml.rels": put(
                "</Relationships>",
                '<Relationship Id="q" Type="q" TargetMode="External" '
                'Target="mailto:zephyrina%20quillborne@x.org"/>',
            )
        },
    ),
    "part in UTF-16": lambda content: edited(content, {"word/q.dat": CANARY.encode("utf-16-le")}),
    "package within the package": lambda content: edited(
        content, {"word/q.docx": package_of({"a.xml": f"<a>{CANARY}</a>".encode()})}
    ),
    "name of a part": lambda content: edited(content, {f"word/{CANARY}.xml": b"<a/>"}),
    "picture": lambda content: edited(content, {"word/media/q.png": picture(CANARY)}),
    "macros": lambda content: edited(content, {"word/vbaProject.bin": b"q"}),
    "thumbnail": lambda content: edited(content, {"docProps/thumbnail.jpeg": b"\xff\xd8\xff"}),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_planted_value_is_found(word: bytes, leak: str) -> None:
    assert survivors(word) == {}
    assert survivors(LEAKS[leak](word)).keys() - {"container"}


def test_value_in_a_cell_is_found(book: bytes) -> None:
    cell = f'<row r="9"><c r="A9" t="inlineStr"><is><t>{CANARY}</t></is></c></row>'
    assert survivors(edited(book, {SHEET: put("</sheetData>", cell)}))["text"] == (f"part {SHEET}",)


def test_value_in_a_cell_with_escaped_signs_is_found(book: bytes) -> None:
    cell = '<row r="9"><c r="A9" t="inlineStr"><is><t>Zephyrina Quill_x0062_orne</t></is></c></row>'
    assert "text" in survivors(edited(book, {SHEET: put("</sheetData>", cell)}))


def test_number_in_a_cell_is_found(book: bytes) -> None:
    cell = '<row r="9"><c r="A9"><v>4915112345678</v></c></row>'
    content = edited(book, {SHEET: put("</sheetData>", cell)})
    assert "text" in survivors(content, "+49 151 12345678")


def test_value_in_a_slide_is_found() -> None:
    content = cleaned(slide_places.slides())[1].content
    leaked = edited(content, {slide_places.SLIDE: swap("plain words that stay", CANARY)})
    assert survivors(leaked)["text"] == (f"part {slide_places.SLIDE}",)


def test_value_in_an_odt_is_found() -> None:
    content = cleaned(text_places.odt())[1].content
    leaked = edited(content, {"content.xml": swap("plain words that stay", CANARY)})
    assert survivors(leaked)["text"] == ("part content.xml",)


def test_bytes_after_the_package_are_found(word: bytes) -> None:
    assert survivors(word + CANARY.encode())["container"] == ("bytes outside of the parts",)


def test_bytes_between_the_parts_are_found(word: bytes) -> None:
    assert "container" in survivors(CANARY.encode() + word)


def test_remark_and_extra_field_of_the_package_are_found(word: bytes) -> None:
    for remark, extra in ((CANARY.encode(), b""), (b"", b"\xff\xff\x04\x00Quil")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.comment = remark
            for name, content in parts_of(word).items():
                entry = zipfile.ZipInfo(name)
                entry.extra = extra
                archive.writestr(entry, content)
        assert "container" in survivors(out.getvalue())


def test_metadata_of_a_picture_is_found(word: bytes) -> None:
    plain = picture("hello")
    marked = plain[:33] + b"\x00\x00\x00\x04tEXtQuil\x00\x00\x00\x00" + plain[33:]
    assert "pictures" in survivors(edited(word, {"word/media/q.png": marked}))
    assert "pictures" in survivors(edited(word, {"word/media/q.png": plain + b"more"}))


def test_no_survivor_quotes_a_value(word: bytes) -> None:
    leaked = edited(word, {f"word/{CANARY}.xml": f"<a>{CANARY}</a>".encode()})
    found = " ".join(place for places in survivors(leaked).values() for place in places)
    assert "uillborne" not in found


@pytest.mark.parametrize(
    "name", ["Green", "Georgia", "Header", "Normal", "Black", "Roman", "Title"]
)
def test_words_of_the_format_are_no_survivors(name: str) -> None:
    """People have such names; the format's own green and Georgia are not theirs."""
    import re

    content = word_places.body(
        word_places.p(
            word_places.r("x", '<w:rPr><w:highlight w:val="green"/></w:rPr>')
            + word_places.r(f"Ms {name} said")
        )
    )
    extracted = office.read(content, OPTIONS)
    at = re.search(name, extracted.text)
    assert at is not None
    from documents.formats.model import Hidden

    hidden = [Hidden(at.start(), at.end(), "X", "<X>")]
    clean = office.write_clean(content, extracted, hidden, options=OPTIONS).content
    assert survivors(clean, name) == {}
    again = edited(clean, {WORD: put("<w:sectPr", run(f"Ms {name}"))})
    assert "text" in survivors(again, name)


def test_words_of_the_format_are_found_where_text_is_free(word: bytes) -> None:
    drawing = f'<w:p {NAMESPACES}><w:r><w:drawing><wp:docPr descr="Green"/></w:drawing></w:r></w:p>'
    assert "attributes" in survivors(edited(word, {WORD: put("<w:sectPr", drawing)}), "Green")


def test_clean_files_pass(word: bytes, book: bytes) -> None:
    for content in (word, book):
        checks = office.verify(content, HiddenValues([CANARY], ""), options=OPTIONS)
        assert failed(checks) == []
        looked = {check.name: check.looked_at for check in checks}
        assert looked["text"] > 0
        assert looked["attributes"] > 0
        assert looked["parts"] == len(parts_of(content))
