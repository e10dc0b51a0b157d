"""The pages of staff: for whom they open, what they do, and that they show no original."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from pytest_django import Settings

from accounts import keys
from accounts.admin_site import site
from accounts.models import Scope, User
from audit.models import Chain, Line
from audit.record import address_of
from documents.models import Document
from inference.models import EngineWorker, Scan, ScanState
from library import services as library
from moderation import services
from moderation.models import Reason, Report
from pastebin.models import Paste
from policies.models import Policy, PolicyVersion
from sharing.models import Withheld
from sharing.services import Place
from tests.cast import Visitors
from tests.documents.world import FILE_NAME, MakeDocument
from tests.documents.world import TEXT as LETTER
from tests.pastebin.world import MAIL, SECRETS, TEXT, TITLE, Made, Make, committed, open_link
from tests.workspaces.cast import Team
from webhooks.models import Webhook  # noqa: F401 (its rows are walked, too)

# Who is let in: nobody is led to sign-in, strangers 404, staff without a permission 403.
TABLE: dict[str, tuple[str, int, int]] = {
    # method, staff who may see, superuser
    "moderation:overview": ("GET", 200, 200),
    "moderation:retry": ("POST", 403, 302),
    "moderation:report_list": ("GET", 200, 200),
    "moderation:report_detail": ("GET", 200, 200),
    "moderation:report_handle": ("POST", 403, 302),
}


def _report(made: Any, kind: str = "paste", network: str = "n1") -> Report:
    one = services.report(
        kind=kind, pid=made.pid, reason=Reason.HARM, message="it is about me", network=network
    )
    assert one is not None
    return one


def _path(name: str, one: Report) -> str:
    is_of_one = name in {"moderation:report_detail", "moderation:report_handle"}
    return reverse(name, args=[one.pk] if is_of_one else [])


@pytest.mark.django_db
def test_every_address_has_its_row() -> None:
    names = {
        f"moderation:{pattern.name}"
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "app_name", None) == "moderation"
        for pattern in resolver.url_patterns
    }
    assert names == {*TABLE, "moderation:report"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", TABLE)
def test_who_is_let_in(
    make: Make, visitors: Visitors, staff_client: Client, reader_client: Client, name: str,
    settings: Settings,
) -> None:  # fmt: skip
    one = _report(make())
    method, seen, all_of_it = TABLE[name]
    path = _path(name, one)

    def ask(browser: Client) -> Any:
        return browser.get(path) if method == "GET" else browser.post(path)

    assert ask(visitors["charlie"]).status_code == 404
    led = ask(visitors["nobody"])
    assert (led.status_code, led["Location"].split("?")[0]) == (302, reverse("account_login"))
    plain = User.objects.create_user("plain-staff", is_staff=True)
    weak = Client()
    weak.force_login(plain)
    assert ask(weak).status_code == 403
    assert ask(reader_client).status_code == seen
    assert ask(staff_client).status_code == all_of_it
    wrong = staff_client.post(path) if method == "GET" else staff_client.get(path)
    assert wrong.status_code == 405
    settings.ADMIN = False
    assert ask(staff_client).status_code == 404


@pytest.fixture
def shared(make: Make, team: Team) -> Made:
    """A text of a team that anybody is shown."""
    place = Place(team.workspace, team.people["eddie"])
    return make(owner=team.people["eddie"], place=place, title=TITLE)


@pytest.mark.django_db
def test_take_down_stops_everything_and_put_back_restores_it(
    shared: Made, staff_client: Client, staff: User, team: Team
) -> None:
    bob, nobody, eddie = Client(), Client(), team.browsers["eddie"]
    open_link(bob, shared)
    one, other = _report(shared), _report(shared, network="n2")
    handle = reverse("moderation:report_handle", args=[one.pk])
    open_pages = [shared.public, shared.raw, shared.api, f"/api/v1/pastes/{shared.pid}"]
    assert [nobody.get(path).status_code for path in open_pages] == [200] * 4

    assert staff_client.post(handle, {"do": "down"}).status_code == 302
    for path in [*open_pages, shared.private]:
        assert nobody.get(path).status_code == 404, path
        assert bob.get(path).status_code == 404, path
    assert bob.get(shared.original, follow=True).status_code == 404
    assert eddie.get(shared.original, follow=True).status_code == 404
    assert shared.row.withheld == Withheld.TAKEN_DOWN
    assert "aken down" in eddie.get(f"/w/{team.wid}/").content.decode()
    other.refresh_from_db()
    assert (other.state, other.handled_by) == ("down", staff)
    detail = staff_client.get(reverse("moderation:report_detail", args=[one.pk]))
    assert "Put it back" in detail.content.decode()

    assert staff_client.post(handle, {"do": "back"}).status_code == 302
    assert [nobody.get(path).status_code for path in open_pages] == [200] * 4
    assert bob.get(shared.original).status_code == 200
    said = Line.objects.filter(thing=shared.pid, actor=staff.pk).order_by("pk")
    assert [line.action for line in said] == ["item.withheld", "item.released"]
    staff.refresh_from_db()
    assert address_of(said[0], Chain.objects.get(pk=team.wid), staff) == ""


@pytest.mark.django_db
def test_what_cannot_be_done_is_told(make: Make, staff_client: Client) -> None:
    paste = make()
    one = _report(paste)
    handle = reverse("moderation:report_handle", args=[one.pk])

    def told(do: str) -> str:
        return staff_client.post(handle, {"do": do}, follow=True).content.decode()

    assert "choose what to do" in told("eat")
    assert "It is not taken down." in told("back")
    assert "left as it is" in told("leave")
    assert "It is taken down" in told("down")
    paste.row.envelope.delete()
    assert "deleted meanwhile" in told("back")
    assert staff_client.get("/admin/reports/999999").status_code == 404


@pytest.mark.django_db
def test_a_text_of_nobody_is_taken_down_too(make: Make, staff_client: Client) -> None:
    paste = make()
    one = _report(paste)
    staff_client.post(reverse("moderation:report_handle", args=[one.pk]), {"do": "down"})
    assert Client().get(paste.public).status_code == 404
    assert not Line.objects.exists()


@pytest.mark.django_db
def test_a_report_shows_what_everybody_sees_and_no_more(shared: Made, staff_client: Client) -> None:
    one = _report(shared)
    shown = staff_client.get(reverse("moderation:report_detail", args=[one.pk])).content.decode()
    assert "it is about me" in shown
    assert "state=closed" in shown
    assert not any(secret in shown for secret in SECRETS)
    assert shared.token not in shown


@pytest.mark.django_db
def test_the_overview_tells_how_the_server_is(
    make: Make, alice: User, staff_client: Client
) -> None:
    from django.utils import timezone

    EngineWorker.objects.create(name="w1", checkpoint="compact 1.0@abc", seen_at=timezone.now())
    failed, lost = make(owner=alice), make()
    make(scanned=False)
    for made in (failed, lost):
        Scan.objects.filter(envelope=made.row.envelope_id).update(
            state=ScanState.FAILED, error="The text could not be scanned."
        )
    page = reverse("moderation:overview")
    shown = staff_client.get(page).content.decode()
    for word in (
        "compact 1.0@abc",
        "w1",
        failed.pid,
        lost.pid,
        "could not be scanned.",
        "Free disk",
    ):
        assert word in shown, word
    assert f'value="{failed.pid}"' in shown
    assert f'value="{lost.pid}"' not in shown
    again = reverse("moderation:retry")
    told = staff_client.post(again, {"kind": "paste", "pid": failed.pid}, follow=True)
    assert "tried again" in told.content.decode()
    assert failed.row.scan.state == ScanState.PENDING
    told = staff_client.post(again, {"kind": "paste", "pid": lost.pid}, follow=True)
    assert "Only who holds its private link" in told.content.decode()
    for wrong in ({"kind": "x"}, {"kind": "paste", "pid": "\0"}, {}):
        assert staff_client.post(again, wrong, follow=True).status_code == 200


@pytest.mark.django_db
def test_the_number_of_queries_is_fixed(make: Make, staff_client: Client) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert staff_client.get(path).status_code == 200
        return len(seen)

    paths = [reverse("moderation:overview"), reverse("moderation:report_list")]
    _report(make())
    for path in paths:
        queries(path)  # what is known of the detector is kept for seconds
    few = [queries(path) for path in paths]
    for number in range(5):
        made = make()
        for network in "ab":
            _report(made, network=network)
        Scan.objects.filter(envelope=made.row.envelope_id).update(
            state=ScanState.FAILED, error=f"No {number}."
        ) if number % 2 else None
    assert [queries(path) for path in paths] == few


def _admin_pages() -> list[str]:
    """Return every address of the admin that there is, for each row of its models."""
    pages = ["/admin/", reverse("moderation:overview"), reverse("moderation:report_list")]
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"{name}_changelist"))
        pages.append(reverse(f"{name}_changelist") + "?q=a")
        for row in model._default_manager.all():
            pages += [reverse(f"{name}_{what}", args=[row.pk]) for what in ("change", "history")]
    pages += [reverse("moderation:report_detail", args=[one.pk]) for one in Report.objects.all()]
    return pages


@committed
def test_no_page_of_the_admin_shows_an_original(
    make: Make, make_document: MakeDocument, team: Team, staff_client: Client, alice: User
) -> None:
    eddie = team.people["eddie"]
    place = Place(team.workspace, eddie)
    mine, theirs = make(owner=alice, title=TITLE), make(owner=eddie, place=place, title=TITLE)
    letter = make_document(owner=eddie, place=place)
    keys.create_key(owner=alice, name="k", scopes=list(Scope))
    policy = Policy.objects.create(workspace=team.workspace, name="House rules")
    PolicyVersion.objects.create(policy=policy, number=1, sealed_rules=b"Canary-5501")
    for made, kind in ((mine, "paste"), (theirs, "paste"), (letter, "document")):
        _report(made, kind)
    Document.objects.update(clean_error="A value was found.", clean_state="blocked")
    canaries = {
        *SECRETS, MAIL, TEXT, LETTER, FILE_NAME, mine.token, theirs.token, letter.token,
        "Canary-5501", "posteo.example",
    }  # fmt: skip
    pages = _admin_pages()
    assert len(pages) > 60
    assert any("entries/entry/" in page for page in pages)
    for page in pages:
        answer = staff_client.get(page, follow=True)
        assert answer.status_code == 200, page
        content = answer.content.decode()
        for canary in canaries:
            assert canary not in content, (page, canary)
        for sealed in (b"Canary-5501", bytes(Report.objects.all()[0].sealed_message)):
            assert repr(sealed) not in content, page
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_rows_of_teams_items_and_records_are_only_looked_at(
    shared: Made, staff_client: Client
) -> None:
    _report(shared)
    for label in (
        "workspaces_workspace", "workspaces_membership", "entries_entry", "audit_line",
        "moderation_report", "policies_policy", "policies_policyversion",
    ):  # fmt: skip
        assert staff_client.get(reverse(f"admin:{label}_add")).status_code == 403
        (model,) = [
            one
            for one in site._registry
            if f"{one._meta.app_label}_{one._meta.model_name}" == label
        ]
        for row in model._default_manager.all()[:1]:
            for what in ("change", "delete"):
                path = reverse(f"admin:{label}_{what}", args=[row.pk])
                assert staff_client.post(path, {"post": "yes", "name": "x"}).status_code == 403


@pytest.mark.django_db
def test_what_is_taken_down_in_the_trash_stays_down_when_it_is_restored(
    shared: Made, staff: User, team: Team
) -> None:
    """Otherwise the trash would be a way around a take-down."""
    chosen = {"user": team.people["eddie"], "workspace": team.workspace, "pids": [shared.pid]}
    one = _report(shared)
    library.trash_items(**chosen)
    services.take_down(one, by=staff)
    library.restore_items(**chosen)
    assert Paste.objects.get(pk=shared.pid).withheld == Withheld.TAKEN_DOWN
    assert Client().get(shared.public).status_code == 404


@pytest.mark.django_db
def test_what_is_put_back_in_the_trash_stays_in_it(shared: Made, staff: User, team: Team) -> None:
    chosen = {"user": team.people["eddie"], "workspace": team.workspace, "pids": [shared.pid]}
    one = _report(shared)
    library.trash_items(**chosen)
    services.take_down(one, by=staff)
    services.put_back(one, by=staff)
    assert Client().get(shared.public).status_code == 404
    library.restore_items(**chosen)
    assert Client().get(shared.public).status_code == 200
