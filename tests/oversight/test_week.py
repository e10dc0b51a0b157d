"""The week: figures that are right, pictures that say the same, and a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from entries.models import Entry, Kind
from oversight.pictures import bars_of_spans, columns_of_days, duration, spans_of_time, two_sided
from oversight.week import figures_of, week_of
from review.models import Decision, Verdict
from tests.workspaces.cast import Team, make_team
from vault.models import Envelope

pytestmark = pytest.mark.django_db


def _enter(
    team: Team,
    *,
    kind: Kind = Kind.PASTE,
    days_ago: float = 0,
    seconds: float | None = 2,
    **counts: int,
) -> Entry:
    """Make an entry without its item: the week reads nothing else."""
    envelope, _ = Envelope.create_for_service()
    entry = Entry.objects.create(
        envelope=envelope, pid=envelope.pk.hex, kind=kind, workspace=team.workspace, counts=counts
    )
    made = timezone.now() - timedelta(days=days_ago)
    ready = made + timedelta(seconds=seconds) if seconds is not None else None
    Entry.objects.filter(pk=entry.pk).update(created_at=made, ready_at=ready)
    return entry


def _decide(entry: Entry, kind: Verdict, label: str, former: str = "") -> Decision:
    return Decision.objects.create(
        entry=entry, kind=kind, label=label, former=former, revision=1, place=b"", sealed=b""
    )


def _shown(team: Team, who: str = "victor", **asked: str) -> str:
    answer = team.browsers[who].get(team.path("oversight:week"), asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_empty_week_says_so(team: Team) -> None:
    shown = _shown(team)
    assert "Nothing was added" in shown
    assert 'class="picture' not in shown


def test_figures(team: Team) -> None:
    for seconds in (1, 2, 3, 4, 100):
        _enter(team, seconds=seconds, private_person=2)
    _enter(team, kind=Kind.DOCUMENT, days_ago=2, seconds=30, private_email=5, custom3_case=1)
    _enter(team, kind=Kind.IMAGE, days_ago=2, seconds=None)
    _enter(team, days_ago=8, private_person=100)
    figures = figures_of(team.wid, week_of(0))
    assert [(one.label, one.count) for one in figures.spans] == [
        ("private_person", 10),
        ("private_email", 5),
        ("custom3_case", 1),
    ]
    assert (figures.items, figures.hidden) == (7, 16)
    assert [day.total for day in figures.days] == [0, 0, 0, 0, 2, 0, 5]
    assert figures.days[4].by_kind == {Kind.PASTE: 0, Kind.DOCUMENT: 1, Kind.IMAGE: 1}
    texts, documents = figures.readiness
    assert (texts.kind, texts.items, texts.median) == (Kind.PASTE, 5, 3.0)
    assert texts.p95 == pytest.approx(80.8)
    assert (documents.kind, documents.median, documents.p95) == (Kind.DOCUMENT, 30.0, 30.0)
    earlier = figures_of(team.wid, week_of(1))
    assert earlier.hidden == 100
    assert figures_of(team.wid, week_of(2)).is_empty


def test_decisions_by_the_category_that_was_wrong(team: Team) -> None:
    entry = _enter(team)
    for _ in range(3):
        _decide(entry, Verdict.ADD, "private_address")
    _decide(entry, Verdict.REJECT, "", "private_date")
    _decide(entry, Verdict.RECATEGORISE, "secret", "private_url")
    _decide(entry, Verdict.ACCEPT, "private_date", "private_date")
    taken_back = _decide(entry, Verdict.REJECT, "", "private_date")
    Decision.objects.filter(pk=taken_back.pk).update(undone_at=timezone.now())
    old = _decide(entry, Verdict.ADD, "private_phone")
    Decision.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=9))
    found = {
        one.category.label: (one.missed, one.wrong, one.renamed, one.kept)
        for one in figures_of(team.wid, week_of(0)).weaknesses
    }
    assert found == {
        "private_address": (3, 0, 0, 0),
        "private_url": (0, 0, 1, 0),
        "private_date": (0, 1, 0, 1),
    }
    shown = _shown(team)
    assert "Most often missed: Address." in shown
    assert "Most often hidden wrongly: Date." in shown


def test_another_team_s_week_is_not_in_it(team: Team) -> None:
    other = make_team("Redaktion Nord", prefix="nord-")
    _decide(_enter(other, private_person=7), Verdict.ADD, "secret")
    assert figures_of(team.wid, week_of(0)).is_empty
    assert "Nothing was added" in _shown(team)


def test_each_picture_has_its_numbers_beside_it(team: Team) -> None:
    entry = _enter(team, private_person=1234, secret=1, custom2_a_very_long_name_of_a_case=3)
    _decide(entry, Verdict.ADD, "secret")
    shown = _shown(team)
    assert shown.count('<svg class="picture') == 4
    assert shown.count("<table") == 4
    assert "Hidden places by category: Person 1,234, Secret 1" in shown
    assert "style=" not in shown
    for svg in re.findall(r"<svg class=\"picture.*?</svg>", shown, re.DOTALL):
        assert 'role="img" aria-label="' in svg
        for x, width in re.findall(r'<rect [^>]*x="([\d.]+)"[^>]*width="([\d.]+)"', svg):
            assert 0 <= float(x) <= float(x) + float(width) <= 360
    assert "A very long na…" in shown
    assert "A very long name of a case" in shown


def test_one_turns_the_weeks(team: Team) -> None:
    _enter(team, days_ago=8, private_person=1)
    assert "Later" not in _shown(team)
    earlier = _shown(team, back="1")
    assert 'href="?back=2"' in earlier
    assert 'href="?"' in earlier
    assert "Week until" in earlier
    for wrong in ("x", "-1", "²", "99999"):
        assert "The last seven days" in _shown(team, back=wrong)
    assert "Earlier" not in _shown(team, back="9999")


def test_the_number_of_queries_is_fixed(team: Team) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            _shown(team)
        return len(seen)

    _decide(_enter(team, private_person=1), Verdict.ADD, "secret")
    queries()  # what is known of the detector is kept for seconds
    few = queries()
    for number in range(20):
        entry = _enter(team, days_ago=number / 4, private_person=1, secret=number)
        _decide(entry, Verdict.REJECT, "", "secret")
    assert queries() == few
    assert few <= 12


def test_pictures_of_nothing_and_of_extremes() -> None:
    assert bars_of_spans([]).rows == []
    assert columns_of_days([]).rows == []
    assert spans_of_time([]).rows == []
    assert two_sided([]).rows
    assert [duration(seconds) for seconds in (0, 0.44, 9.96, 59, 60, 3540, 3600, 1e6)] == [
        "0.0 s", "0.4 s", "10 s", "59 s", "1.0 min", "59 min", "1.0 h", "278 h",
    ]  # fmt: skip
