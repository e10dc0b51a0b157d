"""The week of a workspace in pictures and figures, for all its members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from oversight.pictures import bars_of_spans, columns_of_days, duration, spans_of_time, two_sided
from oversight.week import MOST_WEEKS, Figures, Weakness, figures_of, week_of
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@in_workspace(May.SEE)
@require_safe
def week(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the last seven days; back turns to earlier weeks."""
    figures = figures_of(seat.workspace.wid, week_of(_back(request)))
    return render(request, "oversight/week.html", _context(figures))


def _context(figures: Figures) -> dict[str, Any]:
    back = figures.week.back
    corrected = [one for one in figures.weaknesses if one.missed or one.wrong]
    return {
        "figures": figures,
        "week": figures.week,
        "earlier": back + 1 if back < MOST_WEEKS else None,
        "later": back - 1 if back else None,
        "spans": bars_of_spans(figures.spans),
        "days": columns_of_days(figures.days),
        "day_rows": [(day.day, list(day.by_kind.values()), day.total) for day in figures.days],
        "times": spans_of_time(figures.readiness),
        "time_rows": [
            (one.kind.label, one.items, duration(one.median), duration(one.p95))
            for one in figures.readiness
        ],
        "weak": two_sided(figures.weaknesses) if corrected else None,
        "hint": _hint(figures.weaknesses),
    }


def _hint(weaknesses: Sequence[Weakness]) -> str:
    """Say where a closer look is worth it."""
    missed = max(weaknesses, key=lambda one: one.missed, default=None)
    wrong = max(weaknesses, key=lambda one: one.wrong, default=None)
    parts = []
    if missed is not None and missed.missed:
        parts.append(f"Most often missed: {missed.category.name}.")
    if wrong is not None and wrong.wrong:
        parts.append(f"Most often hidden wrongly: {wrong.category.name}.")
    return " ".join(parts)


def _back(request: HttpRequest) -> int:
    written = request.GET.get("back", "")
    is_number = written.isascii() and written.isdigit() and len(written) <= 4
    return min(int(written), MOST_WEEKS) if is_number else 0
