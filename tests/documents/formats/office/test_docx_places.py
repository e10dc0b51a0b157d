"""A value planted in any place of a Word document is gone from the clean one."""

from __future__ import annotations

import pytest

from documents.formats.model import Kind
from tests.documents.formats.office import world
from tests.documents.formats.office.word_places import PLACES
from tests.documents.formats.office.world import (
    failed,
    open_again,
    parts_of,
    require_gone,
)


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_left_of_a_value(place: str) -> None:
    made = world.planted(PLACES[place])
    searchable = _searchable(made.content)
    assert any(b"uillborne" in part or b"u\0i\0l\0l" in part for part in searchable)
    assert made.extracted.kind is Kind.DOCX
    require_gone(made.written.content)
    assert failed(made.checks) == []
    open_again(made.written.content)


def _searchable(content: bytes) -> list[bytes]:
    parts = parts_of(content)
    pictures = [b"uillborne" for part in parts.values() if part.startswith(b"\x89PNG")]
    import re

    bare = [re.sub(rb"<[^>]*>", b"", part) for part in parts.values()]
    return [*parts.values(), *bare, *pictures]
