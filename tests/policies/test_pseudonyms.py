"""The same person has the same number in a workspace, and is forgotten with the last item."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from anonymizer.operators.policy import Operator
from anonymizer.restore import restore
from anonymizer.rules import Rules
from pastebin import services
from policies.models import Pseudonym, PseudonymCount
from policies.pseudonyms import pseudonym_map, sweep
from policies.services import create_policy
from sharing.services import Place, delete
from tests.pastebin.world import MAIL, NAME, Made, Make, committed
from tests.policies.test_publish import correct, opened, shown
from tests.workspaces.cast import Team, make_team

SHARED = Rules(shared_numbers=True)


def place(team: Team, rules: Rules = SHARED, name: str = "Shared") -> Place:
    """Return where an item under these rules goes."""
    olga, eddie = team.people["olga"], team.people["eddie"]
    return Place(
        team.workspace,
        eddie,
        create_policy(workspace=team.workspace, name=name, rules=rules, actor=olga),
    )


def in_place(make: Make, where: Place, text: str, **options: Any) -> Made:
    """Make a paste there."""
    return make(text, owner=where.creator, place=where, **options)


@pytest.fixture
def detector(detector: Any) -> Any:
    """An engine that finds a second person, too."""
    detector.values["Amsel Finch"] = "private_person"
    return detector


def test_a_person_has_one_number_in_all_items(team: Team, make: Make) -> None:
    where = place(team)
    first = in_place(make, where, f"Amsel Finch wrote to {MAIL}.")
    second = in_place(make, where, f"{NAME} knows Amsel Finch.")
    third = in_place(make, where, f"Once more {NAME}.")
    assert shown(first) == "[PERSON_1] wrote to [EMAIL_1]."
    assert shown(second) == "[PERSON_2] knows [PERSON_1]."
    assert shown(third) == "Once more [PERSON_2]."
    page = team.browsers["eddie"].get(third.original).content.decode()
    assert "[PERSON_2]" in page


def test_two_policies_of_a_workspace_share_their_numbers(team: Team, make: Make) -> None:
    in_place(make, place(team), "Amsel Finch wrote.")
    other = place(team, Rules(shared_numbers=True, needs_approval=True), "Other")
    assert shown(in_place(make, other, f"{NAME} and Amsel Finch.")) == "[PERSON_2] and [PERSON_1]."


def test_an_item_whose_policy_does_not_share_counts_for_itself(team: Team, make: Make) -> None:
    in_place(make, place(team), "Amsel Finch wrote.")
    own = in_place(make, place(team, Rules(), "Own"), f"{NAME} wrote.")
    assert shown(own) == "[PERSON_1] wrote."
    assert not own.row.entry.pseudonyms.exists()


def test_what_is_hidden_in_another_way_has_no_number_and_no_row(team: Team, make: Make) -> None:
    rules = Rules(shared_numbers=True, operators={"private_email": Operator.MASK})
    paste = in_place(make, place(team, rules), f"{NAME}, {MAIL}")
    assert shown(paste) == "[PERSON_1], █████"
    assert list(Pseudonym.objects.values_list("type", "number")) == [("PERSON", 1)]


def test_a_new_number_is_none_that_the_text_holds_already(team: Team, make: Make) -> None:
    paste = in_place(make, place(team), f"[PERSON_1] is {NAME}.")
    assert shown(paste) == "[PERSON_1] is [PERSON_2]."


def test_teams_know_nothing_of_each_other_s_numbers(team: Team, make: Make) -> None:
    in_place(make, place(team), "Amsel Finch wrote.")
    others = make_team("Other", "other_")
    assert shown(in_place(make, place(others), f"{NAME} wrote.")) == "[PERSON_1] wrote."
    digests = [bytes(digest) for digest in Pseudonym.objects.values_list("digest", flat=True)]
    assert len(set(digests)) == 2


def test_values_lie_sealed_and_the_map_brings_a_text_back(team: Team, make: Make) -> None:
    where = place(team)
    in_place(make, where, "Amsel Finch wrote.")
    in_place(make, where, f"{NAME} and AMSEL  FINCH, {MAIL}")
    for row in Pseudonym.objects.all():
        for words in (NAME, MAIL, "Amsel Finch"):
            assert words.encode() not in bytes(row.sealed_value) + bytes(row.digest)
    answer = "Dear [PERSON_2], [Person 1] wrote from [EMAIL_1] to [PERSON_9]."
    restored = restore(answer, pseudonym_map(team.workspace))
    assert restored.text == f"Dear {NAME}, Amsel Finch wrote from {MAIL} to [PERSON_9]."


@committed
def test_a_person_is_forgotten_with_the_last_item(make: Make) -> None:
    team = make_team()
    where = place(team)
    first = in_place(make, where, f"{NAME} and Amsel Finch.")
    second = in_place(make, where, "Only Amsel Finch.")
    delete(first.row)
    assert list(Pseudonym.objects.values_list("number", flat=True)) == [2]
    delete(second.row)
    assert not Pseudonym.objects.exists()


def test_a_correction_forgets_whom_the_item_no_longer_hides(team: Team, make: Make) -> None:
    paste = in_place(make, place(team), f"{NAME} and Amsel Finch.")
    assert Pseudonym.objects.count() == 2
    correct(paste, "remove", NAME)
    assert shown(paste) == f"{NAME} and [PERSON_2]."
    assert list(Pseudonym.objects.values_list("number", flat=True)) == [2]


@committed
def test_a_forgotten_number_is_never_given_again(make: Make) -> None:
    """An old text with it would otherwise be restored to somebody else."""
    where = place(make_team())
    gone = in_place(make, where, f"{NAME} wrote.")
    assert shown(gone) == "[PERSON_1] wrote."
    delete(gone.row)
    assert not Pseudonym.objects.exists()
    assert shown(in_place(make, where, "Amsel Finch wrote.")) == "[PERSON_2] wrote."


def test_the_sweep_forgets_what_a_crash_left_behind(team: Team, make: Make) -> None:
    paste = in_place(make, place(team), f"{NAME} wrote.")
    assert sweep() == 0
    paste.row.entry.pseudonyms.clear()
    assert sweep() == 1
    assert not Pseudonym.objects.exists()


@committed
def test_two_items_at_once_give_one_value_one_number(make: Make) -> None:
    team = make_team()
    where = place(team)
    texts = [
        f"{NAME} and Amsel Finch.",
        f"Amsel Finch and {NAME}.",
        f"{MAIL}, Amsel Finch",
        f"{NAME}, {MAIL}",
    ]
    pastes = [in_place(make, where, text) for text in texts]
    Pseudonym.objects.all().delete()
    PseudonymCount.objects.all().delete()
    start = threading.Barrier(len(pastes))
    failed: list[BaseException] = []

    def publish(made: Made) -> None:
        from django.db import transaction

        try:
            paste, key, text = opened(made)
            start.wait()
            with transaction.atomic():
                spans = services.read_original(paste, key).spans
                services.republish(paste, key, text, spans)
        except BaseException as exc:
            failed.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=(made,)) for made in pastes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    rows = list(Pseudonym.objects.values_list("type", "number"))
    assert sorted(rows) == [("EMAIL", 1), ("PERSON", 1), ("PERSON", 2)]
    entities = pseudonym_map(team.workspace)
    for text, made in zip(texts, pastes, strict=True):
        assert restore(shown(made), entities).text == text
