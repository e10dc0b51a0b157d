"""What stands in a clean file by chance blocks nothing; the same in earnest does."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from documents.formats.pdf import unicode_maps
from documents.formats.pdf.redact import write_clean
from documents.formats.pdf.verify import verify
from documents.formats.survivors import HiddenValues
from tests.documents.formats.pdf_writing.made import (
    NAME,
    OPTIONS,
    a_letter,
    a_scan,
    helvetica,
    redacted,
    with_objects,
    written,
)


def _failed(content: bytes, *values: str) -> set[str]:
    sought = HiddenValues(values, "")
    return {c.name for c in verify(content, sought, options=OPTIONS) if not c.is_passed}


def _clean(instructions: bytes, **resources: object) -> bytes:
    """Return a clean file of a page: nothing is hidden, all else is taken away."""
    return redacted(written(instructions, **resources)).content


def test_a_letter_that_an_operator_shows_of_a_word_is_no_survivor() -> None:
    content = _clean(b"BT /F 12 Tf 40 300 Td (Made ) Tj (b) Tj (y) Tj ( hand) Tj ET")
    assert _failed(content, "b") == set()


def test_a_letter_that_an_operator_shows_as_a_word_is_found() -> None:
    content = _clean(b"BT /F 12 Tf 40 300 Td (Plan) Tj 40 0 Td (b) Tj 30 0 Td (is it) Tj ET")
    assert "text" in _failed(content, "b")


def test_a_short_value_in_a_form_that_no_page_draws_is_found() -> None:
    def plant(pdf: Pdf) -> None:
        form = pdf.make_stream(
            b"BT /F 9 Tf (Li) Tj (na) Tj ET",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 9, 9]),
            Resources=Dictionary(Font=Dictionary(F=helvetica())),
        )
        pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=form)

    assert _failed(with_objects(redacted(a_letter(), NAME).content, plant), "Li") == {"streams"}


def test_a_short_value_in_a_pattern_is_found() -> None:
    def plant(pdf: Pdf) -> None:
        cell = pdf.make_stream(
            b"BT /F 9 Tf (Li) Tj (na) Tj ET",
            PatternType=1,
            PaintType=1,
            TilingType=1,
            BBox=Array([0, 0, 9, 9]),
            XStep=9,
            YStep=9,
            Resources=Dictionary(Font=Dictionary(F=helvetica())),
        )
        pdf.pages[0].obj.Resources.Pattern = Dictionary(P=cell)

    assert "streams" in _failed(with_objects(redacted(a_letter(), NAME).content, plant), "Li")


def _with_map(content: bytes) -> bytes:
    def plant(pdf: Pdf) -> None:
        pdf.pages[0].obj.Resources.Font = Dictionary(
            F=Dictionary(
                Type=Name.Font,
                Subtype=Name.Type1,
                BaseFont=Name.Helvetica,
                ToUnicode=pdf.make_stream(content),
            )
        )

    return with_objects(_clean(b"BT /F 12 Tf 40 300 Td (abc) Tj ET"), plant)


def _map_of(text: str) -> bytes:
    return unicode_maps.written({(code, 1): sign for code, sign in enumerate(text, 1)}, None)


def test_counts_and_kind_of_a_font_map_are_no_survivors() -> None:
    assert _failed(_with_map(_map_of("abc")), "1", "2", "3", "12") == set()


def test_an_alphabet_in_a_font_map_is_no_survivor() -> None:
    assert _failed(_with_map(_map_of("(0123456789ABCDEF)")), "345678", "BCDEFG") == set()


@pytest.mark.parametrize(
    "content",
    [
        _map_of("Wilhelmina Quist"),
        unicode_maps.written({(1, 1): "Wilhelmina Quist"}, None),
        _map_of("abc") + b"\n% Wilhelmina Quist\n",
        _map_of("abc").replace(b"Adobe-Identity-UCS", b"WilhelminaQuist"),
        _map_of("abc").replace(b"begincodespacerange", b"begincodespacerange (Wilhelmina Quist)"),
    ],
    ids=["letter by letter", "in one entry", "in a comment", "in its name", "between entries"],
)
def test_a_value_in_a_font_map_is_found(content: bytes) -> None:
    assert "streams" in _failed(_with_map(content), NAME)


def _with_digests(digest: bytes) -> bytes:
    content = redacted(a_letter(), NAME).content
    changed, count = re.subn(
        rb"/ID\s*\[<[0-9a-f]{32}><[0-9a-f]{32}>",
        b"/ID [<" + digest.hex().encode() + b"><" + digest.hex().encode() + b">",
        content,
    )
    assert count == 1
    return changed


def test_a_letter_in_the_digest_of_a_file_is_no_survivor() -> None:
    digest = b"\x01b\x02\x03t\x04\x05\x06\x07\x00 7 \x01\x02\x03"
    assert len(digest) == 16
    assert "objects" not in _failed(_with_digests(digest), "b", "t", "7")
    assert "revisions" not in _failed(_with_digests(digest), "b", "t", "7")


def test_a_value_in_place_of_the_digest_of_a_file_is_found() -> None:
    assert {"objects", "revisions"} <= _failed(_with_digests(NAME.encode()), NAME)


def test_the_version_of_the_format_is_no_survivor() -> None:
    assert _failed(redacted(a_letter(), NAME).content, "5", "7", "pdf", "eof") == set()


def _in_own_codes(names: list[str], codes: bytes) -> bytes:
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Helvetica,
        Encoding=Dictionary(
            Type=Name.Encoding, Differences=Array([1, *(Name("/" + name) for name in names)])
        ),
    )
    pdf = pikepdf.open(
        io.BytesIO(written(b"BT /G 12 Tf 40 300 Td <%s> Tj ET" % codes.hex().encode()))
    )
    pdf.pages[0].obj.Resources.Font.G = font
    output = io.BytesIO()
    pdf.save(output)
    return output.getvalue()


def test_names_of_glyphs_are_no_survivors() -> None:
    content = redacted(_in_own_codes(["t", "o", "period"], b"\1\2\3")).content
    assert _failed(content, "t", "o", "period") == set()


def test_text_that_only_names_of_glyphs_tell_is_found() -> None:
    names = ["W", "i", "l", "h", "e", "m", "n", "a", "Q", "u", "s", "t"]
    codes = bytes(names.index(sign) + 1 for sign in NAME.replace(" ", ""))
    assert "streams" in _failed(_in_own_codes(names, codes), NAME)


def test_a_name_made_of_a_glyphs_pattern_is_found() -> None:
    def plant(pdf: Pdf) -> None:
        pdf.pages[0].obj.Resources.Font["/a470123456"] = helvetica()

    content = with_objects(redacted(a_letter(), NAME).content, plant)
    assert "objects" in _failed(content, "470123456")


def _covered(content: bytes) -> bytes:
    """Return a file with black bars over a page whose pixels stay as they are."""

    def plant(pdf: Pdf) -> None:
        before = pdf.pages[0].obj.Contents.read_bytes()
        bars = b"\nq 0 g 0 200 595 60 re 0 100 595 60 re f Q"
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q " + before + b" Q" + bars)

    return with_objects(content, plant)


def test_a_bar_that_only_covers_a_picture_is_found() -> None:
    scan = a_scan(f"Dear {NAME},", "welcome.")
    assert _failed(_covered(redacted(scan).content), NAME) == {"pictures"}
    assert _failed(_covered(redacted(scan, NAME).content), NAME) == set()


def test_a_short_value_in_pixels_is_found_but_for_single_signs() -> None:
    content = redacted(a_scan("Dear Li, you won 8 prizes.")).content
    assert _failed(content, "Li") == {"pictures"}
    assert _failed(content, "8") == set()


def test_a_short_value_under_an_invisible_layer_is_found() -> None:
    def forget(pdf: Pdf) -> None:
        page = pdf.pages[0].obj
        content = bytes(page.Contents.read_bytes())
        page.Contents = pdf.make_stream(
            content + b"\n0 g 9 9 9 9 re f BT 3 Tr /F 40 Tf 1 0 0 1 40 225 Tm (Dear xx, you) Tj ET"
        )
        page.Resources.Font = Dictionary(F=helvetica())

    content = redacted(a_scan("Dear Li, you")).content
    assert _failed(with_objects(content, forget), "Li") == {"pictures"}


def test_text_drawn_over_itself_to_look_bold_stays_text() -> None:
    lines = b"".join(b"BT /F 12 Tf %.2f 300 Td (Dear %s, you) Tj ET " % (x, NAME.encode())
                     for x in (40, 40.2, 40.4, 40.6))  # fmt: skip
    result = redacted(written(lines), NAME)
    assert "Dear" in result.text()
    assert not any("picture" in sentence for sentence in result.cleaned.removed)
    assert all(check.is_passed for check in result.checks())


def test_letters_whose_spacing_is_drawn_back_keep_clear_of_bars() -> None:
    """Spreadsheets write each digit with the spacing of a column, and go back over it."""
    digits = b" 2200 ".join(b"(%c)" % sign for sign in b"2,236,457")
    content = written(b"0.5 w 83 290 m 83 320 l S BT /F 6 Tf 12.6 Tc 56 300 Td [%s] TJ ET" % digits)
    result = redacted(content)
    text = result.extracted.text
    start = text.index("2,236,457")
    hidden = [type(h)(start, start + 1, "x", "<X>") for h in redacted(a_letter(), NAME).hidden]
    cleaned = write_clean(content, result.extracted, hidden, options=OPTIONS).content
    assert _failed(cleaned) == set()
