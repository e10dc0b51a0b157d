"""Everything a person owns as one file: complete, theirs alone, and never whole in memory."""

from __future__ import annotations

import io
import json
import secrets
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.export import begin_export, safe_name
from accounts.keys import create_key
from accounts.models import Scope, User
from audit.models import Action, Line
from documents.services import create_document
from pastebin.services import create_paste
from sharing.services import Place
from tests.pastebin.world import committed
from tests.workspaces.belongings import KINDS, leave_belongings, mark, picture_of
from tests.workspaces.cast import Team, make_team
from vault.models import Envelope
from workspaces.models import Membership
from workspaces.roles import Role
from workspaces.services import personal_of

PASSWORD = "paper ink and seven bars"


def exported(user: User) -> dict[str, bytes]:
    """Return the files of a person's export by their paths."""
    archive = zipfile.ZipFile(io.BytesIO(b"".join(begin_export(user))))
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(names) == len(set(names))
    return {name: archive.read(name) for name in names}


@committed
def test_everything_a_person_owns_is_in_it_and_nothing_of_others() -> None:
    team = make_team()
    eddie, rita = team.people["eddie"], team.people["rita"]
    his = leave_belongings(rita, team.workspace)
    leave_belongings(eddie, team.workspace, elsewhere=his)
    create_key(owner=eddie, name="ticket import", scopes=[Scope.READ])
    files = exported(eddie)
    whole = b"\n".join((*(name.encode() for name in files), *files.values()))
    # The password of a file is not kept for its owner, and pseudonyms are the team's.
    for kind in set(KINDS) - {"password", "pseudonym"}:
        assert mark(eddie, kind).encode() in whole, kind
    for kind in KINDS:
        assert mark(rita, kind).encode() not in whole, kind
    assert picture_of(eddie) in files.values()
    pid = next(name.split("/")[1] for name in files if mark(eddie, "span").encode() in files[name])
    redacted = files[f"texts/{pid}/redacted.txt"].decode()
    assert redacted.startswith(f"{mark(eddie, 'title')}\n\nDear <PRIVATE_PERSON>, ")
    (span,) = json.loads(files[f"texts/{pid}/spans.json"])
    original = files[f"texts/{pid}/original.txt"].decode()
    assert original[span["start"] : span["end"]] == mark(eddie, "span")
    clean = [name for name in files if "/clean/" in name]
    assert any(name.endswith(".txt") for name in clean)
    assert any(name.endswith("certificate.json") for name in clean)
    assert json.loads(files["account.json"])["api_keys"][0]["name"] == "ticket import"
    held = {one["name"]: one["role"] for one in json.loads(files["workspaces.json"])}
    assert held == {"Personal": "owner", "Kanzlei Hofmann": "editor"}


@committed
def test_a_demoted_person_gets_what_the_role_may_see() -> None:
    team = make_team()
    eddie = team.people["eddie"]
    leave_belongings(eddie, team.workspace)
    Membership.objects.filter(user=eddie, workspace=team.wid).update(role=Role.VIEWER)
    whole = b"\n".join(exported(eddie).values())
    for kind in ("span", "comment", "reason"):
        assert mark(eddie, kind).encode() not in whole, kind
    assert b"Dear <PRIVATE_PERSON>" in whole
    assert b"Your role no longer opens this original." in whole
    assert mark(eddie, "own").encode() in whole


@pytest.mark.django_db
def test_what_cannot_be_opened_says_so_and_the_rest_comes(alice: User) -> None:
    broken = create_paste(text="Broken.", owner=alice).paste
    fine = create_paste(text="Fine.", owner=alice).paste
    Envelope.objects.filter(pk=broken.envelope_id).update(service_wrap=b"\x01" + bytes(60))
    files = exported(alice)
    assert b"could not open" in files[f"texts/{broken.pid}/original.txt"]
    assert files[f"texts/{fine.pid}/original.txt"] == b"Fine."


@pytest.mark.django_db
def test_it_is_written_while_it_is_sent(alice: User) -> None:
    """24 MB of files that cannot be packed: no more than pieces of one are held at a time."""
    for number in range(3):
        content = secrets.token_bytes(8_000_000)
        create_document(content=content, name=f"{number}.bin", owner=alice, is_read=False)
        del content
    pieces = begin_export(alice)
    size = 0
    tracemalloc.start()
    try:
        for piece in pieces:
            size += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 24_000_000
    assert peak < 8_000_000


def test_the_page_asks_for_the_password_and_records(team: Team) -> None:
    eddie = team.people["eddie"]
    eddie.set_password(PASSWORD)
    eddie.save()
    create_paste(text="Call.", owner=eddie, place=Place(team.workspace, eddie))
    browser = Client()
    browser.force_login(eddie)
    address = reverse("account_export")
    assert browser.get(address)["Content-Type"].startswith("text/html")
    wrong = browser.post(address, {"password": "something else"})
    assert "This is not your password." in wrong.content.decode()
    own = personal_of(eddie).wid
    assert not Line.objects.filter(workspace=own, action=Action.DATA_EXPORTED).exists()
    answer: Any = browser.post(address, {"password": PASSWORD})
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer))).testzip() is None
    (line,) = Line.objects.filter(workspace=own, action=Action.DATA_EXPORTED)
    assert line.actor == eddie.pk


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("lease.pdf", "lease.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\lease.pdf", "lease.pdf"),
        ("a\0b\x1b.txt", "ab.txt"),
        ("...", "file"),
        ("ü" * 300 + ".pdf", "ü" * 58 + ".pdf"),
    ],
)
def test_names_stay_in_their_folder(name: str, safe: str) -> None:
    assert safe_name(name, "file") == safe
