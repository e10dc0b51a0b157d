"""An item done again under another policy: nothing uploaded again, no decision of a person lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, Rules, Terms
from audit.models import Action, Line
from inference import queue
from inference.models import Scan, ScanState
from policies.models import PolicyVersion
from policies.services import change_policy
from review.account import leave
from review.models import Verdict
from review.sealed import Said
from sharing.corrections import read_history
from sharing.policies import rerun
from sharing.services import GoneError, Place
from tests.pastebin.world import CARD, MAIL, NAME, TEXT, Made, Make
from tests.policies.test_publish import correct, made_under, opened, shown
from tests.policies.test_publish import version as make_version
from tests.workspaces.cast import Team

WITHOUT_MAIL = Rules(operators={"private_email": Operator.KEEP})
HIDES_CUSTOMER = Rules(
    operators={"private_email": Operator.KEEP},
    always=(AlwaysHide("secret", Terms(exact=("Customer",))),),
)


def again(team: Team, made: Made, version: PolicyVersion | None) -> None:
    """Do an item again, on behalf of eddie."""
    paste, key, _ = opened(made)
    rerun(paste, key, version, team.people["eddie"])


def scan_of(made: Made) -> Scan:
    """Return a paste's scan as it is stored now."""
    return Scan.objects.get(envelope__paste=made.pid)


def test_the_new_rules_act_at_once_without_another_scan(
    team: Team, make: Make, detector: Any
) -> None:
    paste = made_under(team, make, WITHOUT_MAIL)
    first = paste.row.entry.policy_version
    second = change_policy(
        policy=first.policy, rules=HIDES_CUSTOMER, actor=team.people["olga"], if_version=1
    )
    scans = len(detector.batches)
    again(team, paste, second)
    assert len(detector.batches) == scans
    assert shown(paste).startswith("[SECRET_1] [PERSON_1] wrote")
    assert paste.row.entry.policy_version == second
    assert paste.row.revision == 1
    line = Line.objects.get(workspace=team.wid, action=Action.ITEM_RERUN)
    assert (line.actor, line.thing) == (team.people["eddie"].pk, paste.pid)
    assert line.detail == {"policy": first.policy_id, "version": 2}


def test_what_people_changed_stays_changed(team: Team, make: Make) -> None:
    paste = made_under(team, make, WITHOUT_MAIL)
    correct(paste, "remove", CARD)
    correct(paste, "add", "state=closed", "secret")
    correct(paste, "relabel", NAME, "account_number")
    again(team, paste, make_version(team, HIDES_CUSTOMER, "Later"))
    text = shown(paste)
    assert text.startswith("[SECRET_1] [ACCOUNT_NUMBER_1] wrote")
    assert CARD in text
    assert MAIL in text
    assert "[SECRET_2]" in text
    assert "state=closed" not in text
    again(team, paste, None)
    text = shown(paste)
    assert text.startswith("Customer <ACCOUNT_NUMBER> wrote")
    assert CARD in text
    assert MAIL not in text
    assert "state=closed" not in text
    assert paste.row.entry.policy_version is None


def test_a_list_hides_what_a_person_showed_before_there_was_the_list(
    team: Team, make: Make
) -> None:
    paste = made_under(team, make, Rules())
    correct(paste, "remove", CARD)
    assert CARD in shown(paste)
    always = Rules(always=(AlwaysHide("account_number", Terms(folded=(CARD,))),))
    version = make_version(team, always, "Always")
    again(team, paste, version)
    assert CARD not in shown(paste)
    correct(paste, "remove", CARD)
    again(team, paste, version)
    assert CARD in shown(paste)


@pytest.mark.parametrize("point", ["balanced", "high_recall"])
def test_what_people_decided_needs_no_second_decision(
    team: Team, make: Make, scan: Any, point: str
) -> None:
    paste = made_under(team, make, Rules())
    entry, key = paste.row.entry, opened(paste)[1]
    spans = queue.unseal_spans(Scan.objects.get(envelope__paste=paste.pid), key)
    assert entry.undecided == len(spans) == 5
    first = spans[0]
    accepted = (Verdict.ACCEPT, first.label, first.label, Said(first.start, first.end))
    leave(entry, key, [accepted], by=team.people["rita"], revision=0)
    again(team, paste, make_version(team, Rules(operating_point=point), "Later"))
    scan()
    assert paste.row.entry.undecided == 4


def test_there_is_nothing_to_undo_after_it(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules())
    correct(paste, "remove", CARD)
    again(team, paste, make_version(team, WITHOUT_MAIL, "Later"))
    row, key, _ = opened(paste)
    assert not read_history(row, key).undo


def test_approval_is_asked_for_anew(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules(needs_approval=True))
    entry = paste.row.entry
    entry.approved_revision = 0
    entry.save()
    assert not paste.row.awaits_approval
    again(team, paste, make_version(team, Rules(needs_approval=True), "Later"))
    assert paste.row.awaits_approval


def test_another_operating_point_scans_again_and_keeps_what_people_changed(
    team: Team, make: Make, scan: Any, detector: Any
) -> None:
    paste = made_under(team, make, Rules())
    correct(paste, "remove", CARD)
    correct(paste, "add", "state=closed", "secret")
    detector.values["Customer"] = "private_person"
    again(team, paste, make_version(team, Rules(operating_point="high_recall"), "Later"))
    assert (scan_of(paste).state, scan_of(paste).operating_point) == ("pending", "high_recall")
    assert not paste.row.is_public
    assert team.browsers["nobody"].get(paste.raw).status_code != 200
    revision = paste.row.revision
    scan()
    text = shown(paste)
    assert text.startswith("[PERSON_1] [PERSON_2] wrote")
    assert CARD in text
    assert "state=closed" not in text
    assert paste.row.revision == revision + 1
    assert paste.row.entry.policy_version.policy.name == "Later"
    again(team, paste, None)
    assert CARD in shown(paste)


def test_an_item_stays_as_it_was_if_it_cannot_be_scanned_again(
    team: Team, make: Make, scan: Any, detector: Any
) -> None:
    paste = made_under(team, make, Rules())
    correct(paste, "remove", CARD)
    before, version = shown(paste), paste.row.entry.policy_version
    detector.poison = NAME
    again(team, paste, make_version(team, Rules(operating_point="high_recall"), "Later"))
    for _ in range(4):
        scan()
    assert scan_of(paste).state == ScanState.DONE
    assert scan_of(paste).operating_point == "balanced"
    assert shown(paste) == before
    assert paste.row.entry.policy_version == version
    again(team, paste, make_version(team, WITHOUT_MAIL, "Mail"))
    assert MAIL in shown(paste)
    assert CARD in shown(paste)


def test_an_item_from_before_is_scanned_again_and_keeps_its_marks(
    team: Team, make: Make, scan: Any
) -> None:
    paste = made_under(team, make, Rules())
    correct(paste, "add", "state=closed", "secret")
    Scan.objects.update(sealed_found=None)
    again(team, paste, make_version(team, WITHOUT_MAIL, "Later"))
    assert scan_of(paste).state == ScanState.PENDING
    scan()
    assert MAIL in shown(paste)
    assert "state=closed" not in shown(paste)


def test_who_moves_to_another_policy_keeps_what_was_hidden_of_nobody_else(
    team: Team, make: Make
) -> None:
    """Whoever moved an item has put it under its new version already."""
    paste = made_under(team, make, WITHOUT_MAIL)
    entry = paste.row.entry
    entry.policy_version = make_version(team, Rules(), "Later")
    entry.save()
    again(team, paste, entry.policy_version)
    assert MAIL not in shown(paste)


def test_an_item_that_is_being_scanned_cannot_be_done_again(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules(), scanned=False)
    with pytest.raises(GoneError):
        again(team, paste, None)


def test_a_shorter_retention_leaves_a_day_to_notice(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules())
    row = paste.row
    row.created_at = timezone.now() - timedelta(days=30)
    row.save(update_fields=["created_at"])
    again(team, paste, make_version(team, Rules(retention_days=7), "Later"))
    ends = paste.row.expires_at
    assert ends is not None
    assert timedelta(hours=23) < ends - timezone.now() <= timedelta(days=1)


def test_the_public_page_is_the_new_one(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules())
    public = team.browsers["nobody"]
    assert MAIL not in public.get(paste.raw).content.decode()
    again(team, paste, make_version(team, WITHOUT_MAIL, "Later"))
    assert MAIL in public.get(paste.raw).content.decode()


def test_an_item_of_nobody_cannot_be_done_again(team: Team, make: Make) -> None:
    made = make(TEXT, owner=team.people["eddie"], place=Place(team.workspace, team.people["eddie"]))
    paste, key, _ = opened(made)
    paste.entry.delete()
    with pytest.raises(GoneError):
        rerun(paste, key, None, team.people["eddie"])
