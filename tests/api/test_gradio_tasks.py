"""How far a call of the Gradio dialect is, at the moments at which the work goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.gradio import tasks
from api.gradio.tickets import Ticket
from documents.models import CleanState, Document, State
from tests.documents.world import MakeDocument, detector, make_document, scan
from tests.pastebin.world import committed

__all__ = ("detector", "make_document", "scan")
pytestmark = committed


def test_a_document_that_becomes_readable_meanwhile_still_waits_for_its_clean_file(
    make_document: MakeDocument, scan: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = make_document(until="read").pid
    ticket = Ticket("redact_document", pid, "", "")
    real = tasks._document_of

    def at_the_last_moment(asked: Ticket) -> Document | None:
        document = real(asked)
        scan()
        return document

    monkeypatch.setattr(tasks, "_document_of", at_the_last_moment)
    assert tasks.TASKS["redact_document"].look(ticket).stage != "over"
    document = Document.objects.get(pid=pid)
    assert (document.state, document.clean_state) == (State.READY, CleanState.MAKING)
    assert tasks.TASKS["redact_document"].look(ticket).stage != "over"
