"""A value planted in any place of a workbook or a presentation is gone from the clean one."""

from __future__ import annotations

import pytest

from documents.formats.model import Kind
from tests.documents.formats.office import sheet_places, slide_places, world
from tests.documents.formats.office.world import failed, open_again, require_gone


@pytest.mark.parametrize("place", sheet_places.PLACES)
def test_nothing_is_left_in_a_workbook(place: str) -> None:
    made = world.planted(sheet_places.PLACES[place])
    assert made.extracted.kind is Kind.XLSX
    require_gone(made.written.content)
    assert failed(made.checks) == []
    open_again(made.written.content)


@pytest.mark.parametrize("place", slide_places.PLACES)
def test_nothing_is_left_in_a_presentation(place: str) -> None:
    made = world.planted(slide_places.PLACES[place])
    assert made.extracted.kind is Kind.PPTX
    require_gone(made.written.content)
    assert failed(made.checks) == []
    open_again(made.written.content)
