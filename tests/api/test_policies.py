"""Policies for programs: read, made, changed, tried, and named by what is handed in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.keys import NewKey
from accounts.models import Scope, User
from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms
from api.schema.serve import schema
from audit.models import Action, Line
from documents.models import Document
from inference.models import Scan
from inference.worker import ScanWorker
from pastebin.models import Paste
from policies import services
from policies.models import Policy, PolicyVersion
from policies.pseudonyms import Value, give_numbers
from tests.api.wire import Beside, NewKeyMaker, chosen, committed, get, new_key, own_network, send
from tests.workspaces.cast import Team, make_team

__all__ = ("chosen", "new_key", "own_network")
pytestmark = pytest.mark.django_db
V1 = "/api/v1"
SECRET = "Ottilie Kranz"
OWN = CustomCategory.named("Project code", 3, Terms(patterns=("PX-[0-9]+",)))
RULES = Rules(
    operators={"private_person": Operator.HASH, "private_email": Operator.KEEP},
    always=(AlwaysHide("secret", Terms(folded=(SECRET,))),),
    categories=(OWN,),
    needs_approval=True,
)


@pytest.fixture
def crew(db: None) -> Team:
    """A team."""
    return make_team()


@pytest.fixture
def alice(crew: Team) -> User:
    """The owner of keys that name nobody."""
    return crew.people["olga"]


@pytest.fixture
def version(crew: Team) -> PolicyVersion:
    """A policy of the team."""
    return services.create_policy(
        workspace=crew.workspace, name="Files", rules=RULES, actor=crew.people["olga"]
    )


@pytest.fixture
def engine(chosen: Any) -> Iterator[Beside]:
    """The chosen engine at work."""
    with Beside(chosen) as beside:
        yield beside


@pytest.fixture
def keys(crew: Team, new_key: NewKeyMaker) -> dict[str, NewKey]:
    """A key with all scopes for each of the cast who has an account."""
    return {who: new_key(*Scope, owner=person) for who, person in crew.people.items()}


def change(client: Client, path: str, body: Any, key: NewKey) -> Any:
    """Patch with JSON."""
    headers = {"Authorization": f"Bearer {key.bearer}"}
    return client.patch(path, json.dumps(body), "application/json", headers=headers)


def is_as_described(answer: Any, path: str, method: str) -> bool:
    """Check an answer against the description; path as it stands there."""
    document = schema()
    content = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]
    (one,) = content.values()
    whole = {**one["schema"], "components": document["components"]}
    return not list(Draft202012Validator(whole).iter_errors(answer.json()))


LEAST = {
    "see": ("olga", "eddie", "rita", "victor"),
    "open": ("olga", "eddie", "rita"),
    "edit": ("olga", "eddie"),
    "manage": ("olga",),
}


@pytest.mark.parametrize("who", ["olga", "eddie", "rita", "victor", "charlie"])
def test_each_of_the_cast_may_what_the_role_says(
    client: Client,
    crew: Team,
    version: PolicyVersion,
    keys: dict[str, NewKey],
    who: str,
    engine: Any,
) -> None:
    key, one = keys[who], f"{V1}/policies/{version.policy_id}"
    listed = get(client, f"{V1}/policies", key).json()["policies"]
    assert len(listed) == (who in LEAST["see"])
    for path in (one, f"{one}/versions/1"):
        answer = get(client, path, key)
        assert answer.status_code == (200 if who in LEAST["see"] else 404)
        assert (SECRET in answer.content.decode()) == (who in LEAST["open"])
    assert get(client, f"{one}/versions", key).status_code == (200 if who in LEAST["see"] else 404)
    # Nobody scans here: whoever may try is told to wait.
    tried = {"text": "Ann Lee", "policy": str(version.policy_id), "wait": 0}
    for path, let_in in (("policies/try", 409), ("redact", 202)):
        answer = send(client, f"{V1}/{path}", tried, key)
        assert answer.status_code == (let_in if who in LEAST["open"] else 422), path
    pasted = {"text": "Ann Lee", "policy": str(version.policy_id)}
    answer = send(client, f"{V1}/pastes", pasted, key)
    assert answer.status_code == (202 if who in LEAST["edit"] else 422)
    restoring = {"text": "x", "workspace": crew.wid}
    answer = send(client, f"{V1}/restore", restoring, key)
    assert answer.status_code == (200 if who in LEAST["open"] else 422)
    changed = 200 if who in LEAST["manage"] else 404
    assert change(client, one, {"name": "Other"}, key).status_code == changed
    new = {"rules": RULES.as_json(), "if_version": 1}
    assert send(client, f"{one}/versions", new, key).status_code == changed
    made = {"workspace": crew.wid, "name": "New"}
    answer = send(client, f"{V1}/policies", made, key)
    assert answer.status_code == (201 if who in LEAST["manage"] else 422)


def test_scopes_are_asked_for(
    client: Client, crew: Team, version: PolicyVersion, new_key: NewKeyMaker
) -> None:
    reading, handing = new_key(Scope.READ), new_key(Scope.REDACT)
    one = f"{V1}/policies/{version.policy_id}"
    assert get(client, one, reading).json()["rules"] is None
    assert get(client, one, handing).json()["code"] == "scope_needed"
    assert get(client, one).json()["code"] == "key_needed"
    made = {"workspace": crew.wid, "name": "New"}
    assert send(client, f"{V1}/policies", made, reading).json()["code"] == "scope_needed"
    answer = send(client, f"{V1}/restore", {"text": "x", "workspace": crew.wid}, handing)
    assert answer.json()["code"] == "scope_needed"
    answer = send(client, f"{V1}/restore", {"text": "x", "workspace": crew.wid})
    assert answer.json()["code"] == "key_needed"


def test_a_policy_is_made_once_for_an_idempotency_key(
    client: Client, crew: Team, keys: dict[str, NewKey]
) -> None:
    body = {
        "workspace": crew.wid,
        "name": "  Client   files ",
        "rules": {"operators": {"private_phone": "mask"}},
        "default": True,
    }
    headers = {"Idempotency-Key": "one"}
    first = send(client, f"{V1}/policies", body, keys["olga"], **headers)
    again = send(client, f"{V1}/policies", body, keys["olga"], **headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert is_as_described(first, "/api/v1/policies", "post")
    policy = Policy.objects.get()
    assert first["Location"] == f"{V1}/policies/{policy.pk}"
    assert (policy.name, policy.is_default) == ("Client files", True)
    assert first.json()["rules"]["operators"] == {"private_phone": "mask"}
    other = send(client, f"{V1}/policies", body | {"name": "x"}, keys["olga"], **headers)
    assert other.json()["code"] == "idempotency_mismatch"
    taken = send(client, f"{V1}/policies", body | {"name": "CLIENT FILES"}, keys["olga"])
    assert taken.json()["errors"].keys() == {"name"}


def test_rules_that_cannot_be_taken_are_named_and_not_repeated(
    client: Client, crew: Team, keys: dict[str, NewKey]
) -> None:
    rules = {
        "always": [{"label": "secret", "terms": {"patterns": ["canary(("]}}],
        "operators": {"canary": "mask", "secret": "canary"},
        "thresholds": {"secret": 7},
        "canary": 1,
    }
    body = {"workspace": crew.wid, "name": "New", "rules": rules}
    answer = send(client, f"{V1}/policies", body, keys["olga"])
    assert answer.status_code == 422
    assert "canary" not in answer.content.decode()
    assert set(answer.json()["errors"]) == {
        "rules",
        "rules.always.0.patterns",
        "rules.operators",
        "rules.operators.secret",
        "rules.thresholds.secret",
    }


def test_a_change_names_the_version_that_it_changes(
    client: Client, version: PolicyVersion, keys: dict[str, NewKey]
) -> None:
    path, key = f"{V1}/policies/{version.policy_id}/versions", keys["olga"]
    body = {"rules": {}, "if_version": 1, "note": "simpler"}
    first = send(client, path, body, key, **{"Idempotency-Key": "a"})
    again = send(client, path, body, key, **{"Idempotency-Key": "a"})
    assert (first.status_code, first["Location"]) == (201, f"{path}/2")
    assert again.json() == first.json()
    assert is_as_described(first, "/api/v1/policies/{policy_id}/versions", "post")
    late = send(client, path, {"rules": RULES.as_json(), "if_version": 1}, key)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    same = send(client, path, {"rules": {}, "if_version": 2}, key)
    assert (same.status_code, same.json()["number"]) == (200, 2)
    assert send(client, path, {"rules": {}}, key).json()["errors"].keys() == {"if_version"}
    assert version.policy.versions.count() == 2


def test_versions_are_listed_in_pages(
    client: Client, crew: Team, version: PolicyVersion, keys: dict[str, NewKey]
) -> None:
    for days in (1, 2, 3):
        services.change_policy(
            policy=version.policy,
            rules=Rules(retention_days=days),
            actor=crew.people["olga"],
            if_version=days,
        )
    path, found = f"{V1}/policies/{version.policy_id}/versions", []
    cursor: str | None = ""
    while cursor is not None:
        answer = get(
            client, f"{path}?limit=3" + (f"&cursor={cursor}" if cursor else ""), keys["rita"]
        )
        assert is_as_described(answer, "/api/v1/policies/{policy_id}/versions", "get")
        found += [one["number"] for one in answer.json()["versions"]]
        cursor = answer.json()["next_cursor"]
    assert found == [4, 3, 2, 1]


def test_the_list_is_of_ones_own_workspaces(
    client: Client, crew: Team, version: PolicyVersion, keys: dict[str, NewKey]
) -> None:
    other = make_team("Second", "x")
    services.create_policy(
        workspace=other.workspace, name="Theirs", rules=Rules(), actor=other.people["olga"]
    )
    answer = get(client, f"{V1}/policies", keys["eddie"])
    assert [one["name"] for one in answer.json()["policies"]] == ["Files"]
    assert is_as_described(answer, "/api/v1/policies", "get")
    for wid, names in ((crew.wid, ["Files"]), ("personal", [])):
        answer = get(client, f"{V1}/policies?workspace={wid}", keys["eddie"])
        assert [one["name"] for one in answer.json()["policies"]] == names
    for wid in (other.wid, "", "%00", "x" * 99):
        answer = get(client, f"{V1}/policies?workspace={wid}", keys["eddie"])
        assert answer.json()["errors"].keys() == {"workspace"}
    cursor = "MjAyNi0xMS0yMVQwOTowMDowMCswMDowMCB4"  # of a row that is no number
    answer = get(client, f"{V1}/policies?cursor={cursor}", keys["eddie"])
    assert answer.json()["errors"].keys() == {"cursor"}


def test_a_policy_is_named_archived_and_made_the_default(
    client: Client, version: PolicyVersion, keys: dict[str, NewKey]
) -> None:
    path, key = f"{V1}/policies/{version.policy_id}", keys["olga"]
    answer = change(client, path, {"name": "Other", "default": True}, key)
    assert (answer.json()["name"], answer.json()["default"]) == ("Other", True)
    assert is_as_described(answer, "/api/v1/policies/{policy_id}", "patch")
    answer = change(client, path, {"archived": True}, key)
    assert answer.json()["archived_at"]
    assert answer.json()["default"] is False
    answer = change(client, path, {"name": "Third", "default": True}, key)
    assert answer.json()["errors"].keys() == {"default"}
    assert Policy.objects.get().name == "Other"  # all of it, or nothing
    assert change(client, path, {"archived": False}, key).json()["archived_at"] is None


@committed
def test_a_text_is_redacted_under_a_policy(
    client: Client, crew: Team, version: PolicyVersion, keys: dict[str, NewKey], engine: Any
) -> None:
    text = f"Ann Lee, ann@mail.example, {SECRET.upper()}, PX-77"
    chosen_policy = str(version.policy_id)
    first, second = (
        send(client, f"{V1}/redact", {"text": text, "policy": chosen_policy}, keys[who])
        for who in ("olga", "rita")
    )
    assert is_as_described(first, "/api/v1/redact", "post")
    redacted = first.json()["redacted_text"]
    assert redacted == second.json()["redacted_text"]  # one key of hashes for the workspace
    assert redacted.startswith("[PERSON_")
    assert redacted.endswith(", ann@mail.example, [SECRET_1], [PROJECT_CODE_1]")
    assert first.json()["counts"] == {"private_person": 1, "secret": 1, OWN.label: 1}
    batch = send(client, f"{V1}/batch", {"texts": [text], "policy": chosen_policy}, keys["olga"])
    assert batch.json()["results"][0]["redacted_text"] == redacted
    mixed = {"text": text, "policy": chosen_policy, "operator": "mask", "naming": "plain"}
    answer = send(client, f"{V1}/redact", mixed, keys["olga"])
    assert answer.json()["errors"].keys() == {"operator", "naming"}
    services.change_policy(
        policy=version.policy, rules=Rules(), actor=crew.people["olga"], if_version=1
    )
    for number, is_kept in ((1, True), (2, False)):  # e-mail is off in the first version only
        body = {"text": text, "policy": f"{chosen_policy}@{number}"}
        answer = send(client, f"{V1}/redact", body, keys["olga"])
        assert ("ann@mail.example" in answer.json()["redacted_text"]) is is_kept
    body = {"text": "x", "policy": f"{chosen_policy}@3"}
    assert send(client, f"{V1}/redact", body, keys["olga"]).json()["errors"].keys() == {"policy"}
    assert not Scan.objects.exists()


def test_a_job_keeps_its_policy(
    client: Client, crew: Team, version: PolicyVersion, keys: dict[str, NewKey], chosen: Any
) -> None:
    key, body = keys["rita"], {"text": "Ann Lee, PX-1", "policy": str(version.policy_id), "wait": 0}
    jobs = [send(client, f"{V1}/redact", body, key).json() for _ in range(2)]
    services.archive_policy(policy=version.policy, actor=crew.people["olga"])
    worker = ScanWorker()
    worker.engine = chosen
    worker.run_pending()
    answer = get(client, jobs[0]["result"], key)
    assert answer.json()["redacted_text"].endswith("[PROJECT_CODE_1]")
    crew.workspace.memberships.filter(user=crew.people["rita"]).delete()
    answer = get(client, jobs[1]["result"], key)
    assert answer.status_code == 422
    assert "PX-1" not in answer.content.decode()


@committed
def test_rules_are_tried_against_a_policy(
    client: Client, version: PolicyVersion, keys: dict[str, NewKey], engine: Any
) -> None:
    text = "😀 Ann Lee, ann@mail.example"
    body = {
        "text": text,
        "policy": str(version.policy_id),
        "rules": {"operators": {"private_person": "mask"}},
        "offset_unit": "utf16",
    }
    answer = send(client, f"{V1}/policies/try", body, keys["rita"])
    assert is_as_described(answer, "/api/v1/policies/try", "post")
    found = answer.json()
    assert found["after"]["redacted_text"] == "😀 █████, [EMAIL_1]"
    assert found["before"]["redacted_text"].endswith(", ann@mail.example")
    assert found["counts"] == {"hidden": 1, "shown": 0, "otherwise": 1}
    told = [(one["kind"], one["start"], one["end"]) for one in found["differences"]]
    assert told == [("otherwise", 3, 10), ("hidden", 12, 28)]
    alone = send(client, f"{V1}/policies/try", {"text": text, "rules": {}}, keys["charlie"])
    assert alone.json()["counts"] == {"hidden": 0, "shown": 0, "otherwise": 0}
    nothing = send(client, f"{V1}/policies/try", {"text": text}, keys["rita"])
    assert nothing.json()["errors"].keys() == {"rules"}
    assert not Scan.objects.exists()


def test_a_trial_that_takes_too_long_keeps_nothing(
    client: Client, version: PolicyVersion, keys: dict[str, NewKey]
) -> None:
    body = {"text": "Ann Lee", "rules": {}, "wait": 0}
    answer = send(client, f"{V1}/policies/try", body, keys["rita"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    assert not Scan.objects.exists()


def test_pastes_and_documents_are_made_under_a_policy(
    client: Client, crew: Team, version: PolicyVersion, keys: dict[str, NewKey]
) -> None:
    key, policy = keys["eddie"], str(version.policy_id)
    made = send(client, f"{V1}/pastes", {"text": "Ann Lee", "policy": policy}, key).json()
    entry = Paste.objects.get(pk=made["id"]).entry
    assert entry is not None
    assert (entry.workspace, entry.policy_version) == (crew.workspace, version)
    services.set_default(policy=version.policy, actor=crew.people["olga"])
    made = send(client, f"{V1}/pastes", {"text": "Ann", "workspace": crew.wid}, key).json()
    entry = Paste.objects.get(pk=made["id"]).entry
    assert entry is not None
    assert entry.policy_version == version
    made = send(client, f"{V1}/pastes", {"text": "Ann Lee"}, key).json()
    entry = Paste.objects.get(pk=made["id"]).entry
    assert entry is not None
    assert entry.workspace.person == crew.people["eddie"]
    answer = client.post(
        f"{V1}/documents",
        {"file": SimpleUploadedFile("a.txt", b"Ann Lee"), "policy": f"{policy}@1"},
        headers={"Authorization": f"Bearer {key.bearer}"},
    )
    document = Document.objects.get(pk=answer.json()["id"]).entry
    assert document is not None
    assert document.policy_version == version
    answer = client.post(
        f"{V1}/documents",
        {"file": SimpleUploadedFile("a.txt", b"Ann Lee"), "workspace": "not-there"},
        headers={"Authorization": f"Bearer {key.bearer}"},
    )
    assert answer.json()["errors"].keys() == {"workspace"}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"workspace": "unknown"}, "workspace"),
        ({"policy": "999999999"}, "policy"),
        ({"policy": 7}, "policy"),
        ({"workspace": ["personal"]}, "workspace"),
        ({"workspace": "personal", "policy": "{policy}"}, "policy"),
    ],
)
def test_a_place_that_is_not_there_is_refused(
    client: Client, version: PolicyVersion, keys: dict[str, NewKey], body: Any, wrong: str
) -> None:
    if body.get("policy") == "{policy}":
        body = body | {"policy": str(version.policy_id)}
    answer = send(client, f"{V1}/pastes", {"text": "Ann"} | body, keys["eddie"])
    assert answer.status_code == 422
    assert answer.json()["errors"].keys() == {wrong}
    assert not Paste.objects.exists()
    nobody = send(client, f"{V1}/pastes", {"text": "Ann"} | body)
    assert nobody.status_code == 422


def test_a_text_is_restored_by_the_workspace_s_map(
    client: Client, crew: Team, keys: dict[str, NewKey]
) -> None:
    with transaction.atomic():
        give_numbers(crew.workspace, [Value("PERSON", "Ann Lee"), Value("PERSON", "Bo Ek")])
    body = {"text": "Dear [PERSON_2],", "workspace": crew.wid}
    answer = send(client, f"{V1}/restore", body, keys["rita"])
    assert answer.json() == {"text": "Dear Bo Ek,", "restored": 1, "missing": []}
    assert is_as_described(answer, "/api/v1/restore", "post")
    line = Line.objects.get(workspace=crew.wid, action=Action.MAP_USED)
    assert (line.actor, line.detail) == (crew.people["rita"].pk, {"places": 1})
    both = send(client, f"{V1}/restore", body | {"map": {"[X_1]": "y"}}, keys["rita"])
    assert both.status_code == 422
