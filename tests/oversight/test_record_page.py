"""The page of the record: who, what, when, and whether it is whole."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import Action, Chain, Line
from audit.origin import request_from
from audit.record import record
from oversight.csv_lines import safe
from oversight.filters import _pid
from oversight.views import record as page
from pastebin.services import create_paste
from sharing.services import Place
from tests.audit.test_verify import as_superuser
from tests.pastebin.world import NAME, SECRETS, TITLE, Scan
from tests.workspaces.cast import Team

pytestmark = pytest.mark.django_db


def _write(team: Team, action: Action, who: str | None, thing: str = "", **detail: Any) -> None:
    actor = team.people[who] if who else None
    kind = "paste" if thing else ""
    record(action, workspace=team.wid, actor=actor, kind=kind, thing=thing, detail=detail)


def _shown(team: Team, **asked: str) -> str:
    answer = team.browsers["olga"].get(team.path("oversight:record"), asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _numbers(team: Team, **asked: str) -> list[int]:
    answer = team.browsers["olga"].get(team.path("oversight:record"), asked)
    return [row.number for row in answer.context["rows"]]


def _cells(answer: Any) -> list[list[str]]:
    body = b"".join(answer.streaming_content).decode()
    return list(csv.reader(io.StringIO(body)))


def test_it_tells_who_did_what_to_what(team: Team, scan: Scan) -> None:
    place = Place(team.workspace, team.people["eddie"])
    paste = create_paste(text="Dear " + NAME, title=TITLE, place=place).paste
    scan()
    with request_from("203.0.113.7"):
        _write(team, Action.ITEM_OPENED, "rita", paste.pid)
        _write(team, Action.LINK_OPENED, None, paste.pid)
        _write(team, Action.ITEM_CORRECTED, "rita", paste.pid, **{"added private_person": 2})
        _write(team, Action.ITEM_DELETED, None, "gone-by-itself", why="expired")
    shown = _shown(team)
    for word in (
        "rita", "opened the original", "Private link", "added 2 person", paste.pid, "203.0.113.7",
        "The server", "its time was over", "made the workspace", "Ticket of", "In order.",
    ):  # fmt: skip
        assert word in shown, word
    assert not any(secret in shown for secret in SECRETS)


def test_filters(team: Team) -> None:
    _write(team, Action.ITEM_OPENED, "rita", "aaaaaaaaaaaaaaaa")
    _write(team, Action.ITEM_OPENED, "eddie", "bbbbbbbbbbbbbbbb")
    _write(team, Action.LINK_OPENED, None, "aaaaaaaaaaaaaaaa")
    _write(team, Action.ITEM_DELETED, None, "aaaaaaaaaaaaaaaa", why="expired")
    rita, tomorrow = str(team.people["rita"].pk), timezone.now().date() + timedelta(days=1)
    today, yesterday = timezone.now().date(), timezone.now().date() - timedelta(days=1)
    assert _numbers(team) == [5, 4, 3, 2, 1]
    assert _numbers(team, who=rita) == [2]
    assert _numbers(team, who="link") == [4]
    assert _numbers(team, who="server") == [5]
    assert _numbers(team, action="item.opened") == [3, 2]
    assert _numbers(team, item="aaaaaaaaaaaaaaaa") == [5, 4, 2]
    assert _numbers(team, item="https://x.example/view/bbbbbbbbbbbbbbbb?a=1") == [3]
    assert _numbers(team, since=str(today), until=str(today)) == [5, 4, 3, 2, 1]
    assert _numbers(team, since=str(tomorrow)) == []
    assert _numbers(team, until=str(yesterday)) == []
    assert "No line is like this" in _shown(team, since=str(tomorrow))
    # What makes no sense is not asked.
    for wrong in (
        {"who": "x"}, {"who": "9" * 40}, {"who": "²"}, {"action": "item.eaten"}, {"since": "x"},
        {"until": "0001-01-01"}, {"before": "-1"}, {"before": "9" * 40}, {"after": "x"},
    ):  # fmt: skip
        assert _numbers(team, **wrong) == [5, 4, 3, 2, 1], wrong
    assert _numbers(team, item="\0") == [5, 4, 3, 2, 1]
    assert _numbers(team, before="9" * 18) == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("typed", "pid"),
    [
        ("abc", "abc"), ("/view/abc", "abc"), ("https://h/documents/abc/original/canvas", "abc"),
        ("https://h/view/abc/original?x#y", "abc"), (" abc/ ", "abc"), ("", ""), ("///", ""),
    ],
)  # fmt: skip
def test_an_item_is_found_by_its_address(typed: str, pid: str) -> None:
    assert _pid(typed) == pid


def test_pages(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE_ROWS", 3)
    for _ in range(7):
        _write(team, Action.ITEM_OPENED, "rita", "p")
    assert _numbers(team) == [8, 7, 6]
    assert "before=6" in _shown(team)
    assert "after=" not in _shown(team)
    assert _numbers(team, before="6") == [5, 4, 3]
    assert "after=5" in _shown(team, before="6")
    assert _numbers(team, after="5") == [8, 7, 6]
    assert _numbers(team, before="3") == [2, 1]
    assert _numbers(team, after="2") == [5, 4, 3]
    assert "before=" not in _shown(team, before="3")
    assert _numbers(team, item="p", before="4") == [3, 2]


def test_the_number_of_queries_is_fixed(team: Team, scan: Scan) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            _shown(team)
        return len(seen)

    place = Place(team.workspace, team.people["eddie"])
    pids = [create_paste(text="x", place=place).paste.pid]
    _write(team, Action.ITEM_OPENED, "rita", pids[0])
    queries()  # what is known of the detector is kept for seconds
    few = queries()
    pids += [create_paste(text="x", place=place).paste.pid for _ in range(5)]
    for pid in pids:
        for who in ("olga", "eddie", "rita", "victor"):
            _write(team, Action.ITEM_OPENED, who, pid)
        _write(team, Action.LINK_OPENED, None, pid)
    assert queries() == few
    assert few <= 16


def test_an_erased_account_has_neither_name_nor_address(team: Team) -> None:
    with request_from("203.0.113.7"):
        _write(team, Action.ITEM_OPENED, "charlie", "p")
    assert "charlie" in _shown(team)
    gone = team.people["charlie"].pk
    User.objects.filter(pk=gone).delete()
    shown = _shown(team)
    assert f"erased account {gone}" in shown
    assert "charlie" not in shown
    assert "203.0.113.7" not in shown
    assert _numbers(team, who=str(gone)) == [2]


def test_a_break_is_told_at_the_top_and_in_full_on_demand(team: Team) -> None:
    for _ in range(6):
        _write(team, Action.ITEM_OPENED, "rita", "p")
    browser, check = team.browsers["olga"], team.path("oversight:record_verify")
    assert "Every one of the 7 lines" in browser.post(check).content.decode()
    with as_superuser() as run:
        run("UPDATE audit_line SET thing = 'q' WHERE workspace = %s AND number = 4", team.wid)
        run("UPDATE audit_line SET thing = 'q' WHERE workspace = %s AND number = 6", team.wid)
    assert "Broken at line 4." in _shown(team)
    told = browser.post(check).content.decode()
    assert "Line 4 was changed" in told
    assert "Line 6 was changed" in told
    # Another page of it, and another record, are not blamed.
    assert "In order." in _shown(team, before="4")


def test_a_forged_end_is_told(team: Team) -> None:
    _write(team, Action.ITEM_OPENED, "rita", "p")
    Chain.objects.filter(pk=team.wid).update(signature="AAAA")
    assert "not signed by this server" in _shown(team)


def test_the_csv_holds_what_is_asked_for_and_is_recorded(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oversight.csv_lines.ROWS_AT_ONCE", 2)
    with request_from("203.0.113.7"):
        for number in range(5):
            _write(team, Action.ITEM_OPENED, "rita", f"p{number}")
    browser, path = team.browsers["olga"], team.path("oversight:record_csv")
    answer = browser.post(path)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    rows = _cells(answer)
    assert rows[0][:5] == ["number", "time", "who", "account", "action"]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 8)]
    assert rows[2][2:] == [
        "rita", str(team.people["rita"].pk), "item.opened", "Text", "p0", "", "203.0.113.7",
        bytes(Line.objects.get(workspace=team.wid, number=2).digest).hex(),
    ]  # fmt: skip
    assert rows[-1][4] == "record.exported"
    some = _cells(browser.post(f"{path}?item=p3"))
    assert [row[6] for row in some[1:]] == ["p3"]
    last = Line.objects.filter(workspace=team.wid).latest("number")
    assert (last.action, last.detail) == ("record.exported", {"filtered": True})


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("1-1=0") == "1-1=0"


def test_a_name_is_no_formula(team: Team) -> None:
    User.objects.filter(pk=team.people["rita"].pk).update(username="-rita")
    _write(team, Action.ITEM_OPENED, "rita", "-p")
    rows = _cells(team.browsers["olga"].post(team.path("oversight:record_csv")))
    assert rows[2][2] == "'-rita"
    assert rows[2][6] == "'-p"


def test_an_empty_record_says_so(alice: User, client: Any) -> None:
    from workspaces.services import personal_of

    client.force_login(alice)
    wid = personal_of(alice).wid
    shown = client.get(f"/w/{wid}/record").content.decode()
    assert "Nothing has been recorded yet" in shown
    assert client.post(f"/w/{wid}/record/verify").status_code == 200
