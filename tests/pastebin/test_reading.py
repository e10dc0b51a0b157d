"""Texts cut into blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anonymizer.reading import blocks, original_spans, redacted_spans, single_block
from anonymizer.text import Bar, Style, redact
from inference.engine.spans import Span

texts = st.text(st.sampled_from("ab \t\n.é🙂\0"), max_size=60)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Bar], int]:
    """Return a text, marks in it, and where its title ends."""
    text = draw(texts)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=10)))
    bars = [
        Bar(start, end, "secret", 0) for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    return text, bars, draw(st.integers(0, len(text)))


@given(marked_texts())
def test_blocks_hold_the_text_but_for_the_gaps(case: tuple[str, list[Bar], int]) -> None:
    text, bars, first = case
    read = first
    for block in blocks(text, redacted_spans(text, bars), first, len(text)):
        assert not text[read : block.start].strip(" \t\n")
        joined = "".join(segment.text for segment in block.segments)
        assert joined == text[block.start : block.start + len(joined)].replace("\0", "␀")
        read = block.start + len(joined)
    assert not text[read:].strip(" \t\n")


@given(marked_texts())
def test_every_marked_character_is_in_a_marked_segment(
    case: tuple[str, list[Bar], int],
) -> None:
    text, bars, _ = case
    hidden = {place for bar in bars for place in range(bar.start, bar.end)}
    for block in blocks(text, redacted_spans(text, bars), 0, len(text)):
        place = block.start
        for segment in block.segments:
            for _ in segment.text:
                assert (place in hidden) == (segment.span is not None)
                place += 1


def test_logs_and_prose_are_told_apart() -> None:
    text = "Dear all,\nthis is a letter.\n\n2026-03-14 16:02:11 GET /a\n2026-03-14 16:02:12 GET /b"
    assert [block.kind for block in blocks(text, [], 0, len(text))] == ["prose", "log"]


def test_a_title_is_one_block_and_none_when_empty() -> None:
    block = single_block("Title\n\nText", [], 0, 5)
    assert block is not None
    assert "".join(segment.text for segment in block.segments) == "Title"
    assert single_block("Text", [], 0, 0) is None


def test_blanks_without_end_are_cut_in_no_time() -> None:
    """A pattern that goes back for each of them would take hours."""
    for text in ("x" + " " * 500_000 + "y", "\n" + "\t " * 250_000 + "x", " \n" * 200_000 + "x"):
        assert "".join(s.text for b in blocks(text, [], 0, len(text)) for s in b.segments).strip()


def test_an_original_span_says_how_it_was_found() -> None:
    text = "Ann and ANN"
    spans = [
        Span(0, 3, "private_person", 0.914, "model", "Reason.", "DATE_OF_BIRTH"),
        Span(8, 11, "private_person", 1.0, "person", "Marked by hand."),
    ]
    redaction = redact(text, spans, Style.NUMBERED)
    marked = original_spans(text, spans, redaction.bars, redaction.text, "compact 1.0 model")
    (_, _, first), (_, _, second) = marked
    assert (first.score_text, first.detector_text, first.mentions) == (  # type: ignore[union-attr]
        "0.91",
        "compact 1.0 model",
        2,
    )
    assert (second.score_text, second.detector_text) == ("", "marked by hand")  # type: ignore[union-attr]
    assert first.redacted == "<PRIVATE_PERSON_1>"  # type: ignore[union-attr]
