"""A value planted in any place of an ODT is gone from the clean one."""

from __future__ import annotations

import pytest

from documents.formats import office
from documents.formats.model import Kind
from tests.documents.formats.office import world
from tests.documents.formats.office.text_places import PLACES
from tests.documents.formats.office.world import OPTIONS, OTHER, failed, require_gone


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_left_of_a_value(place: str) -> None:
    made = world.planted(PLACES[place])
    assert made.extracted.kind is Kind.ODT
    require_gone(made.written.content)
    assert failed(made.checks) == []
    assert OTHER in office.read(made.written.content, OPTIONS).text
