"""Markdown: structure is read, all that says something is text, and marks stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats.model import Kind, Role
from tests.documents.formats.plain.hiding import REPLACEMENT, hide, read

DOCUMENT = """\
Report on Jan
=============

## Who ##

Jan lives
in Ghent. [mail](mailto:jan@example.com "Jan")

* one
  - two
    1. three
- [x] done by Jan
> quoted Jan

| Name | City |
|:-----|-----:|
| Jan  | a \\| b |

```text Jan
Jan = 1

# no heading
```
<!-- Jan -->
***
"""


def blocks(content: str) -> list[tuple[Role, int, str]]:
    extracted = read(content.encode(), "x.md")
    return [
        (block.role, block.level, extracted.text[block.start : block.end])
        for block in extracted.blocks
    ]


def test_structure_is_read() -> None:
    assert read(DOCUMENT.encode(), "x.md").kind is Kind.MARKDOWN
    assert blocks(DOCUMENT) == [
        (Role.HEADING, 1, "Report on Jan"),
        (Role.HEADING, 2, "Who ##"),
        (Role.PARAGRAPH, 0, 'Jan lives\nin Ghent. [mail](mailto:jan@example.com "Jan")'),
        (Role.ITEM, 1, "one"),
        (Role.ITEM, 2, "two"),
        (Role.ITEM, 3, "1. three"),
        (Role.ITEM, 1, "done by Jan\n> quoted Jan"),
        (Role.CELL, 0, "Name"),
        (Role.CELL, 0, "City"),
        (Role.CELL, 0, "Jan"),
        (Role.CELL, 0, "a \\| b"),
        (Role.CODE, 0, "```text Jan\nJan = 1\n\n# no heading\n```"),
        (Role.PARAGRAPH, 0, "<!-- Jan -->"),
    ]


def test_rows_of_a_table_are_counted_without_its_rule() -> None:
    cells = [block for block in read(DOCUMENT.encode(), "x.md").blocks if block.role is Role.CELL]
    assert [(cell.table, cell.row, cell.column) for cell in cells] == [
        (1, 0, 0),
        (1, 0, 1),
        (1, 1, 0),
        (1, 1, 1),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_name_is_gone_everywhere_and_marks_stay(line_end: str) -> None:
    content = DOCUMENT.replace("\n", line_end)
    hiding = hide(content.encode(), "x.md", "Jan", "jan@example.com")
    expected = content.replace("Jan", REPLACEMENT).replace("jan@example.com", REPLACEMENT)
    assert hiding.text == expected
    assert hiding.is_clean
    assert not hiding.was_clean


LINES = st.lists(
    st.sampled_from(
        [
            "# ",
            "- ",
            "1. ",
            "> ",
            "|",
            "---",
            "===",
            "```",
            "~~~",
            "Jan",
            "a",
            " ",
            "\n",
            "\\",
            "\t",
        ]
    ),
    max_size=25,
).map("".join)


@settings(deadline=None)
@given(LINES)
def test_all_but_the_hidden_stays(content: str) -> None:
    content = f"x {content}"
    hiding = hide(content.encode(), "x.md", "Jan")
    assert hiding.text == content.replace("Jan", REPLACEMENT)


@settings(deadline=None)
@given(LINES)
def test_letters_and_digits_are_all_in_the_text(content: str) -> None:
    extracted = read(f"x {content}".encode(), "x.md")
    assert [char for char in content if char.isalnum()] == [
        char for char in extracted.text[1:] if char.isalnum()
    ]


def test_a_fence_that_never_closes_ends() -> None:
    assert hide(b"```\n" + b"Jan\n" * 20_000, "x.md", "Jan").text.count(REPLACEMENT) == 20_000
