"""Text files: what is hidden is gone, and every other sign stays."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats.model import (
    Hidden,
    Kind,
    Limits,
    ReadOptions,
    Role,
    TooLargeError,
    UnknownKindError,
)
from documents.formats.plain import txt
from documents.formats.plain.pieces import rewritten
from tests.documents.formats.plain.hiding import REPLACEMENT, hide, read

CANARY = "Jérôme Dupont"


def test_paragraphs_are_blocks() -> None:
    extracted = read(b"Dear Jan,\nhello.\n\n\nBye\n")
    assert extracted.kind is Kind.TEXT
    assert [extracted.text[block.start : block.end] for block in extracted.blocks] == [
        "Dear Jan,\nhello.",
        "Bye",
    ]
    assert {block.role for block in extracted.blocks} == {Role.PARAGRAPH}


def test_a_log_without_empty_lines_has_many_blocks() -> None:
    extracted = read(b"2026-11-21 a line of a log\n" * 10_000)
    assert 50 < len(extracted.blocks) < 1_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_name_is_gone_and_line_ends_stay(encoding: str, line_end: str) -> None:
    text = f"Dear{line_end}{CANARY},{line_end}{line_end}your parcel is here.{line_end}"
    hiding = hide(text.encode(encoding), "x.txt", CANARY)
    assert hiding.text == text.replace(CANARY, REPLACEMENT)
    assert hiding.is_clean
    assert not hiding.was_clean or encoding == "utf-32"


def test_mixed_line_ends_stay_where_they_are() -> None:
    content = f"a\r\nb\n{CANARY}\rc\r\n\r\nd\n\r{CANARY}\r\n".encode()
    assert hide(content, "x.txt", CANARY).text == (
        f"a\r\nb\n{REPLACEMENT}\rc\r\n\r\nd\n\r{REPLACEMENT}\r\n"
    )


def test_a_value_over_two_lines_goes_with_the_line_end() -> None:
    hiding = hide(b"From Jan\r\nJansen here", "x.txt", "Jan\nJansen")
    assert hiding.text == f"From {REPLACEMENT} here"


def test_windows_1252_is_said() -> None:
    assert any("Windows-1252" in note for note in read("café".encode("cp1252")).notes)
    assert not read("café".encode()).notes


@pytest.mark.parametrize(
    "content", ["漢字かな交じり文".encode("shift_jis"), "Привет, мир".encode("cp1251")]
)
def test_text_in_an_unknown_encoding_is_refused_and_not_misread(content: bytes) -> None:
    with pytest.raises(UnknownKindError):
        read(content)


def test_a_zero_sign_and_half_a_pair_do_no_harm() -> None:
    wide = codecs.BOM_UTF16_LE + "a".encode("utf-16-le") + b"\x00\xd8" + "Jan".encode("utf-16-le")
    assert hide(wide, "x.txt", "Jan").text == f"a\ufffd{REPLACEMENT}"
    long = b"a\x00b Jan " + b"word " * 50
    assert hide(long, "x.txt", "Jan").text.startswith(f"a\x00b {REPLACEMENT} word")


def test_a_line_of_two_megabytes_is_read() -> None:
    content = b"word " * 400_000 + b"Jan Jansen"
    assert hide(content, "x.txt", "Jan Jansen").text.endswith(f"word {REPLACEMENT}")


def test_a_text_of_too_many_characters_is_refused() -> None:
    options = ReadOptions(limits=Limits(characters=10))
    with pytest.raises(TooLargeError, match="at most 10 characters"):
        txt.read(b"x" * 11, options)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["Jan", "x", " ", "\n", "\r\n", "\r", "é", "\u2028", "😀"])),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_all_but_the_hidden_stays(parts: list[str], encoding: str) -> None:
    text = "start" + "".join(parts)
    hiding = hide(text.encode(encoding), "x.txt", "Jan")
    assert hiding.text == text.replace("Jan", REPLACEMENT)
    assert hiding.is_clean


def slowly_rewritten(text: str, ranges: list[tuple[int, int]], hidden: list[Hidden]) -> list[str]:
    signs: list[str] = list(text)
    taken: set[int] = set()
    for span in hidden:
        for start, end in ranges:
            for at in range(max(start, span.start), min(end, span.end)):
                signs[at] = "" if span.start in taken else span.replacement
                taken.add(span.start)
    return ["".join(signs[start:end]) for start, end in ranges]


@settings(deadline=None)
@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_pieces_are_rewritten_as_signs_are(cuts: set[int], places: set[int]) -> None:
    text = "abcdefghijklmnopqrstuvwxyz01234"
    edges, ends = sorted(cuts), sorted(places)
    ranges = list(zip(edges[::2], edges[1::2], strict=False))
    hidden = [
        Hidden(start, end, "x", f"<{number}>")
        for number, (start, end) in enumerate(zip(ends[::2], ends[1::2], strict=False))
    ]
    new = dict(rewritten(text, ranges, hidden))
    expected = slowly_rewritten(text, ranges, hidden)
    pieces = [new.get(index, text[start:end]) for index, (start, end) in enumerate(ranges)]
    assert pieces == expected


def test_a_replacement_stands_once_where_the_span_begins() -> None:
    spans = [Hidden(1, 8, "x", "<A>")]
    assert list(rewritten("0123456789", [(0, 2), (3, 5), (7, 10)], spans)) == [
        (0, "0<A>"),
        (1, ""),
        (2, "89"),
    ]
