"""Pages of policies: who sees what, the editor, conflicts, history."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms
from policies import services
from policies.models import Policy, PolicyVersion
from tests.policies.forms import fields_of, send
from tests.policies.test_services import SECRET, change, made
from tests.workspaces.cast import CAST, Row, Team, addresses_of, face_the_cast, make_team
from workspaces.roles import Role

OWN = CustomCategory.named("Project code", 3, Terms(patterns=("PX-[0-9]+",)))
FULL = Rules(
    operating_point="high_recall",
    default_operator=Operator.CATEGORY,
    operators={
        "private_phone": Operator.MASK,
        "IBAN": Operator.KEEP,
        "BADGE": Operator.HASH,
        OWN.label: Operator.HASH,
    },
    mask_length=None,
    thresholds={"private_date": 0.6},
    always=(
        AlwaysHide("private_person", Terms(exact=("Bo Ek",), folded=(SECRET, "Ann & Co <x>"))),
        AlwaysHide(OWN.label, Terms(patterns=(r"\bQ\d+",))),
    ),
    never=Terms(folded=("Amtsgericht Köln",)),
    categories=(OWN,),
    shared_numbers=True,
    needs_approval=True,
    needs_two=True,
    shows_unreviewed=True,
    retention_days=90,
)
# Addresses of one policy get its id; those of a version its number.
TABLE = {
    "policies:policy_list": Row("GET", Role.VIEWER),
    "policies:policy_new": Row("GET", Role.OWNER),
    "policies:policy_detail": Row("GET", Role.VIEWER),
    "policies:policy_edit": Row("GET", Role.OWNER),
    "policies:policy_name": Row("POST", Role.OWNER, 302, {"name": "Files"}),
    "policies:policy_default": Row("POST", Role.OWNER, 302),
    "policies:policy_archive": Row("POST", Role.OWNER, 302, {"on": "0"}),
    "policies:policy_version": Row("GET", Role.VIEWER, kwargs={"number": 1}),
    "policies:policy_return": Row("POST", Role.OWNER, 302, {"if_version": "1"}, {"number": 1}),
}
POSTED = {
    "policies:policy_new": Row("POST", Role.OWNER, 422, {"name": ""}),
    "policies:policy_edit": Row("POST", Role.OWNER, 422, {"do": "save"}),
}


def of(version: PolicyVersion, row: Row) -> Row:
    """Return the row for a policy's addresses."""
    return row._replace(kwargs={"policy_id": version.policy_id, **row.kwargs})


def test_every_address_is_in_the_table() -> None:
    assert addresses_of("policies") == set(TABLE)


@pytest.mark.parametrize("who", CAST)
def test_each_of_the_cast_is_answered_as_the_table_says(team: Team, who: str) -> None:
    version, theirs = made(team), made(make_team("Second", "x"))
    for name, row in [*TABLE.items(), *POSTED.items()]:
        is_one = name not in {"policies:policy_list", "policies:policy_new"}
        face_the_cast(team, name, of(version, row) if is_one else row, who)
        if is_one and who == "olga":  # a policy of another workspace is unknown here
            path = team.path(name, **of(theirs, row).kwargs)
            browser = team.browsers[who]
            answer = browser.get(path) if row.method == "GET" else browser.post(path, row.data)
            assert answer.status_code == 404, name


@pytest.mark.parametrize("who", ["olga", "eddie", "rita", "victor"])
def test_lists_are_shown_to_who_may_open_originals(team: Team, who: str) -> None:
    version = made(team, rules=FULL)
    change(version, Rules(always=FULL.always[:1]), team.people["olga"])
    policy = version.policy_id
    for path in (
        team.path("policies:policy_detail", policy_id=policy),
        team.path("policies:policy_version", policy_id=policy, number=1),
        team.path("policies:policy_version", policy_id=policy, number=2),
    ):
        page = team.browsers[who].get(path).content.decode()
        assert (SECRET in page) == (who != "victor")
        assert ("Amtsgericht" in page) == (who != "victor" and "versions" in path)
        assert ("only those who may open originals" in page) == (who == "victor")


def test_the_list_shows_versions_items_and_the_default(team: Team) -> None:
    made(team, "Alpha <b>", is_default=True)
    old = made(team, "Omega").policy
    services.archive_policy(policy=old, actor=team.people["olga"])
    page = team.browsers["victor"].get(team.path("policies:policy_list")).content.decode()
    assert "Alpha &lt;b&gt;" in page
    assert "Default" in page
    assert page.index("Alpha") < page.index("Archived (1)") < page.index("Omega")


def test_pages_ask_as_much_for_many_policies_and_versions_as_for_few(team: Team) -> None:
    version, browser = made(team), team.browsers["olga"]
    paths = [
        team.path("policies:policy_list"),
        team.path("policies:policy_detail", policy_id=version.policy_id),
        team.path("policies:policy_version", policy_id=version.policy_id, number=1),
        team.path("policies:policy_edit", policy_id=version.policy_id),
    ]

    def asked() -> list[int]:
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            # Sessions note now and then that they were seen; that is not the pages' doing.
            asked_for = [one["sql"] for one in queries.captured_queries]
            counts.append(sum("policies_" in sql or "entries_" in sql for sql in asked_for))
        return counts

    change(version, Rules(), team.people["olga"])
    asked()
    few = asked()
    for days in range(1, 8):
        made(team, f"Policy {days}")
        services.change_policy(
            policy=version.policy,
            rules=Rules(retention_days=days),
            actor=team.people["olga"],
            if_version=days + 1,
        )
    assert asked() == few


def test_a_policy_is_made_by_the_form(team: Team) -> None:
    browser, path = team.browsers["olga"], team.path("policies:policy_new")
    answer = send(
        browser,
        path,
        name="  Client   files ",
        operator_private_phone="mask",
        subtype_IBAN="keep",
        threshold_private_date="0.6",
        needs_approval="on",
        retention_days="30",
        note="first",
        **{"always-0-folded": f"{SECRET}\r\n\r\n  Bo Ek ", "never_exact": "Amtsgericht"},
        **{"category-0-name": "Project code", "category-0-patterns": "PX-[0-9]+"},
        **{"category-0-colour": "3", "category-0-operator": "hash"},
    )
    policy = Policy.objects.get()
    assert answer["Location"] == team.path("policies:policy_detail", policy_id=policy.pk)
    version = policy.versions.get()
    assert (policy.name, version.note) == ("Client files", "first")
    assert services.rules_of(version) == Rules(
        operators={
            "private_phone": Operator.MASK,
            "IBAN": Operator.KEEP,
            OWN.label: Operator.HASH,
        },
        thresholds={"private_date": 0.6},
        always=(AlwaysHide("private_person", Terms(folded=(SECRET, "Bo Ek"))),),
        never=Terms(exact=("Amtsgericht",)),
        categories=(OWN,),
        needs_approval=True,
        retention_days=30,
    )


def test_the_form_gives_back_the_rules_that_it_shows(team: Team) -> None:
    version, browser = made(team, rules=FULL), team.browsers["olga"]
    path = team.path("policies:policy_edit", policy_id=version.policy_id)
    answer = send(browser, path)
    assert answer.status_code == 422
    assert "Nothing is different" in answer.content.decode()
    assert send(browser, path, retention_days="91").status_code == 302
    made_now = services.latest_version(version.policy)
    made_now.policy = version.policy
    assert services.rules_of(made_now).as_json() == FULL.as_json() | {"retention_days": 91}


@pytest.mark.parametrize(
    ("changed", "at", "sentence"),
    [
        ({"always-0-patterns": "a(b"}, "id_always-0-patterns", "Pattern 1 cannot be read"),
        ({"never_patterns": "x*"}, "id_never_patterns", "at least one sign"),
        ({"category-0-exact": "X", "category-0-name": ""}, "id_category-0-name", "a name"),
        ({"category-0-name": "1234"}, "id_category-0-name", "Give it a name"),
        ({"threshold_secret": "7"}, "id_threshold_secret", "less than or equal to 1"),
        ({"retention_days": "0"}, "id_retention_days", "greater than or equal to 1"),
        ({"needs_two": "on"}, "id_needs_two", "where approval is needed"),
        ({"operator_secret": "tag"}, "id_operator_secret", "not one of the available"),
    ],
)
def test_an_error_stands_at_its_field_and_what_was_typed_is_kept(
    team: Team, changed: dict[str, str], at: str, sentence: str
) -> None:
    version, browser = made(team, rules=Rules()), team.browsers["olga"]
    path = team.path("policies:policy_edit", policy_id=version.policy_id)
    typed = {"note": "Typed <note>", "never_exact": "Typed term"} | changed
    answer = send(browser, path, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{at}_error"' in page or f'aria-invalid="true" id="{at}"' in page
    assert sentence in page
    assert f'href="#{at}"' in page
    kept = fields_of(page)
    assert kept["never_exact"] == "Typed term"
    assert kept["note"] == "Typed <note>"
    assert all(kept[name] == value for name, value in changed.items() if value != "tag")
    assert version.policy.versions.count() == 1


def test_all_that_is_wrong_is_said_at_once(team: Team) -> None:
    changed = {
        "always-0-patterns": "a(b",
        "category-0-name": "!!",
        "category-0-colour": "9",
        "category-0-operator": "mask",
        "never_patterns": "x*",
        "retention_days": "0",
    }
    answer = send(team.browsers["olga"], team.path("policies:policy_new"), name="", **changed)
    page = answer.content.decode()
    assert answer.status_code == 422
    wrong = set(changed) - {"category-0-operator"}
    assert {name for name in changed if f'href="#id_{name}"' in page} == wrong


def test_another_list_is_added_without_a_script_and_keeps_what_was_typed(team: Team) -> None:
    browser, path = team.browsers["olga"], team.path("policies:policy_new")
    page = send(browser, path, "always", name="Typed", note="so far").content.decode()
    kept = fields_of(page)
    assert (kept["name"], kept["note"], kept["always-TOTAL_FORMS"]) == ("Typed", "so far", "2")
    page = send(browser, path, "category").content.decode()
    assert fields_of(page)["category-TOTAL_FORMS"] == "2"
    assert not Policy.objects.exists()


def test_a_name_that_is_taken_is_refused_at_the_name(team: Team) -> None:
    made(team, "Files")
    browser, path = team.browsers["olga"], team.path("policies:policy_new")
    answer = send(browser, path, name="files", note="kept")
    assert answer.status_code == 422
    assert "has this name" in answer.content.decode()
    assert fields_of(answer.content.decode())["note"] == "kept"
    renaming = team.path("policies:policy_name", policy_id=made(team, "Other").policy_id)
    answer = browser.post(renaming, {"name": "FILES"})
    assert answer.status_code == 422
    assert "has this name" in answer.content.decode()


def test_a_newer_version_of_somebody_else_is_shown_and_nothing_typed_is_lost(team: Team) -> None:
    version, browser = made(team), team.browsers["olga"]
    path = team.path("policies:policy_edit", policy_id=version.policy_id)
    typed = fields_of(browser.get(path).content.decode())
    theirs = Rules(operators={"private_phone": Operator.REPLACE}, needs_approval=True)
    change(version, theirs, team.people["eddie"], note="Phones again")
    answer = browser.post(path, typed | {"never_exact": "Typed term", "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "version 2 was made meanwhile" in page
    assert "Phones again" in page
    assert "<del>mask</del>" in page
    assert "<ins>replace</ins>" in page
    kept = fields_of(page)
    assert kept["never_exact"] == "Typed term"
    assert kept["if_version"] == "2"
    assert version.policy.versions.count() == 2
    assert browser.post(path, kept | {"do": "save"}).status_code == 302
    assert version.policy.versions.count() == 3


def test_going_back_makes_a_new_version_of_the_old_rules(team: Team) -> None:
    first, browser = made(team, rules=FULL), team.browsers["olga"]
    change(first, Rules(), team.people["olga"])
    path = team.path("policies:policy_return", policy_id=first.policy_id, number=1)
    browser.post(path, {"if_version": "1"})  # somebody made version 2 meanwhile
    assert first.policy.versions.count() == 2
    browser.post(path, {"if_version": "2"})
    last = services.latest_version(first.policy)
    last.policy = first.policy
    assert (last.number, last.note) == (3, "Back to version 1")
    assert services.rules_of(last) == FULL


def test_versions_are_compared_in_words(team: Team) -> None:
    first = made(team, rules=FULL)
    change(first, Rules(always=FULL.always[:1]), team.people["olga"])
    browser = team.browsers["rita"]
    path = team.path("policies:policy_version", policy_id=first.policy_id, number=2)
    page = browser.get(path).content.decode()
    assert "What is different from version 1" in page
    assert "Account: IBAN" in page
    assert "Amtsgericht Köln" in page
    page = browser.get(f"{path}?with=2").content.decode()
    assert "What is different" not in page
    for nonsense in ("x", "-1", "99", "1" * 30, "\u0661"):
        assert browser.get(path, {"with": nonsense}).status_code == 404


def test_default_and_archive_are_switched_on_and_off(team: Team) -> None:
    version, browser = made(team), team.browsers["olga"]
    default = team.path("policies:policy_default", policy_id=version.policy_id)
    archive = team.path("policies:policy_archive", policy_id=version.policy_id)

    def state() -> tuple[bool, bool]:
        policy = Policy.objects.get()
        return policy.is_default, policy.archived_at is not None

    steps: list[tuple[str, dict[str, Any], tuple[bool, bool]]] = [
        (default, {}, (True, False)),
        (default, {"on": "0"}, (False, False)),
        (default, {}, (True, False)),
        (archive, {}, (False, True)),
        (default, {}, (False, True)),
        (archive, {"on": "0"}, (False, False)),
    ]
    for path, data, expected in steps:
        assert browser.post(path, data).status_code == 302
        assert state() == expected


def test_a_person_without_policies_sees_what_holds_instead(team: Team) -> None:
    page = team.browsers["victor"].get(team.path("policies:policy_list")).content.decode()
    assert "There is no policy yet" in page
    assert reverse("policies:policy_new", args=[team.wid]) not in page
