"""Many items done again while somebody decides on one of them: neither is turned away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from anonymizer.rules import Rules
from library import moving
from pastebin.models import Paste
from policies.models import PolicyVersion
from policies.services import create_policy, set_default
from review.models import Verdict
from review.services import decide
from sharing.corrections import read_marks
from tests.library.world import MakeIn
from tests.pastebin.world import NAME, Made, committed
from tests.workspaces.cast import Team, make_team

pytestmark = committed
WAIT_SECONDS = 120.0


@pytest.fixture
def team() -> Team:
    """One team, whose rows other connections see."""
    return make_team()


def shared_numbers(team: Team) -> PolicyVersion:
    """Return the default policy of a team, under which numbers are the workspace's."""
    olga, rules = team.people["olga"], Rules(shared_numbers=True)
    version = create_policy(workspace=team.workspace, name="Shared", rules=rules, actor=olga)
    set_default(policy=version.policy, actor=olga)
    return version


def wait_until_somebody_waits() -> None:
    """Return when another connection waits for a lock."""
    until = time.monotonic() + WAIT_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone() == (True,):
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waits.")


def reject(made: Made, user: User) -> None:
    """Reject the first mark of a text, as it stands now."""
    paste = Paste.objects.with_scan().get(pk=made.pid)
    key = paste.envelope.open_for_service()
    span = read_marks(paste, key)[1][0]
    decide(item=paste, key=key, user=user, verdict=Verdict.REJECT, start=span.start, end=span.end)


def test_who_corrects_one_of_them_meanwhile_is_not_turned_away(
    team: Team, make_in: MakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = shared_numbers(team)
    user, errors = team.people["olga"], list[BaseException]()
    first, last = sorted(
        (make_in(team, f"{NAME} wrote, {number}.") for number in range(2)),
        key=lambda made: made.row.envelope_id,
    )
    changed = threading.Event()

    def reject_in_last() -> None:
        try:
            assert changed.wait(WAIT_SECONDS)
            reject(last, user)
        except BaseException as exc:
            errors.append(exc)
        finally:
            connection.close()

    rerun: Callable[..., None] = moving.rerun

    def rerun_and_wait(*args: Any) -> None:
        rerun(*args)
        if not changed.is_set():
            changed.set()
            wait_until_somebody_waits()

    monkeypatch.setattr(moving, "rerun", rerun_and_wait)
    thread = threading.Thread(target=reject_in_last)
    thread.start()
    pids = [first.pid, last.pid]
    moving.rerun_items(user=user, workspace=team.workspace, pids=pids, version=version)
    thread.join(WAIT_SECONDS)
    assert not errors
    assert NAME in (last.row.redacted_text or "")
    assert NAME not in (first.row.redacted_text or "")
