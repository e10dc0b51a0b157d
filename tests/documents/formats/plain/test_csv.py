"""Tables: cells are hidden one by one, and the table keeps its shape and its quotes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats.model import Kind, Role
from documents.formats.plain.csv import cells_of, separator_of
from tests.documents.formats.plain.hiding import REPLACEMENT, hide, read

CELLS = st.lists(
    st.sampled_from(["Jan", "x", " ", ",", '"', ";", "\n", "é", "1", "'"]), max_size=6
).map("".join)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5)
)


def rows(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def test_cells_are_blocks_with_their_places() -> None:
    extracted = read(b'name;city\r\n"Jan; ""J""";Ghent\r\n', "x.csv")
    assert extracted.kind is Kind.CSV
    assert extracted.text == 'name\tcity\nJan; "J"\tGhent'
    assert [(block.role, block.row, block.column) for block in extracted.blocks] == [
        (Role.CELL, 0, 0),
        (Role.CELL, 0, 1),
        (Role.CELL, 1, 0),
        (Role.CELL, 1, 1),
    ]


def test_only_the_cell_that_is_hidden_changes() -> None:
    content = b'a, "b" ,c\r\n"Jan ""J"" Jansen",  1 ,"2"\r\n\r\n,,\r\n'
    assert hide(content, "x.csv", "Jansen").text == (
        f'a, "b" ,c\r\n"Jan ""J"" {REPLACEMENT}",  1 ,"2"\r\n\r\n,,\r\n'
    )


def test_a_cell_over_two_lines_stays_one() -> None:
    hiding = hide(b'id,note\r\n1,"call\r\nJan now"\r\n2,x\r\n', "x.csv", "Jan")
    assert hiding.text == f'id,note\r\n1,"call\r\n{REPLACEMENT} now"\r\n2,x\r\n'


@settings(deadline=None)
@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_a_table_keeps_its_shape(table: list[list[str]], line_end: str, quoting: int) -> None:
    table = [["head", "line"], ["two", "cells"], *table]
    held = io.StringIO()
    csv.writer(held, lineterminator=line_end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    content = held.getvalue().encode()
    hiding = hide(content, "x.csv", "Jan")
    if hiding.extracted.kind is not Kind.CSV or separator_of(held.getvalue()) != ",":
        return
    expected = [[cell.replace("Jan", REPLACEMENT) for cell in row] for row in table]
    # A cell that is written anew gets the line ends of the file.
    assert rows(hiding.text.replace("\r\n", "\n")) == expected
    assert hiding.is_clean


@settings(deadline=None)
@given(st.text(st.sampled_from(',;"\nab '), max_size=30))
def test_cells_are_those_of_pythons_reader(text: str) -> None:
    table: dict[int, list[str]] = {}
    for cell in cells_of(text, ","):
        table.setdefault(cell.row, []).append(cell.value)
    assert list(table.values()) == [row for row in rows(text) if row]


@settings(deadline=None)
@given(st.text(st.sampled_from(',;"\nab '), max_size=30))
def test_cells_and_what_is_between_them_are_the_whole_text(text: str) -> None:
    at = 0
    for cell in cells_of(text, ","):
        assert set(text[at : cell.start]) <= {",", "\n"}
        at = cell.end
    assert set(text[at:]) <= {",", "\n"}


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ("sep=;\na;b\n", ";"),
        ("a sentence\nanother one\n", None),
        ("", None),
    ],
)
def test_the_separator_is_found(text: str, separator: str | None) -> None:
    assert separator_of(text) == separator


def test_a_value_left_in_a_cell_is_named_by_its_row() -> None:
    hiding = hide(b"a,b\nJan Jansen,1\n", "x.csv", "Jan Jansen")
    assert hiding.is_clean
    assert {place for check in hiding.checks_before for place in check.survivors} == {
        "the file",
        "row 2",
    }


def test_a_quote_that_never_closes_ends() -> None:
    hiding = hide(b'a,b\n1,"Jan and so on\n' + b"x,y\n" * 10_000, "x.csv", "Jan")
    assert "Jan" not in hiding.text
