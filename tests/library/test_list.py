"""The list: what it shows, what it leaves out, and what it costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from entries.models import Entry, Folder
from library.filters import Filters
from sharing.services import Place, set_expiry
from tests.documents.world import MakeDocument, make_document
from tests.library.world import MakeIn, entry_of, queries_of, titles_on
from tests.pastebin.world import MAIL, NAME
from tests.workspaces.cast import Team

__all__ = ("make_document",)
READING, SCANNING = "A document that is being read", "A text that is being scanned"
pytestmark = pytest.mark.django_db


def test_a_list_shows_every_kind_as_it_is_shared(
    team: Team, make_in: MakeIn, make_document: MakeDocument
) -> None:
    make_in(team, f"{NAME} called.", title=f"Call of {NAME}")
    place = Place(team.workspace, team.people["olga"])
    make_document(until="", owner=team.people["olga"], place=place)
    page = team.browsers["victor"].get(team.path("library:items"))
    shown = page.content.decode()
    assert {row.kind for row in page.context["rows"]} == {"Text", "Document"}
    assert "by eddie" in shown
    assert "by olga" in shown
    assert NAME not in shown
    assert MAIL not in shown


def test_a_viewer_is_led_to_what_is_public_and_a_reviewer_to_the_original(
    team: Team, make_in: MakeIn
) -> None:
    paste = make_in(team)
    for who, path in {"victor": paste.public, "rita": paste.original}.items():
        [row] = team.browsers[who].get(team.path("library:items")).context["rows"]
        assert row.url == path
        assert team.browsers[who].get(path).status_code == 200


def test_what_is_not_ready_leads_to_its_progress(team: Team, make_in: MakeIn) -> None:
    paste = make_in(team, scanned=False)
    [row] = team.browsers["victor"].get(team.path("library:items")).context["rows"]
    assert (row.state, row.url) == ("working", paste.links)
    assert team.browsers["victor"].get(row.url).status_code == 200


@pytest.mark.parametrize("hours", [5, None])
def test_the_list_knows_when_an_item_ends(team: Team, make_in: MakeIn, hours: int | None) -> None:
    ends = _in_hours(hours) if hours else None
    paste = make_in(team, expires_at=ends)
    assert entry_of(paste).expires_at == paste.row.expires_at == ends
    set_expiry(paste.row, _in_hours(9))
    assert entry_of(paste).expires_at == paste.row.expires_at
    set_expiry(paste.row, None)
    assert entry_of(paste).expires_at is None


def test_an_expired_item_is_not_listed_before_the_sweep(team: Team, make_in: MakeIn) -> None:
    paste = make_in(team)
    paste.row.end_at(timezone.now() - timedelta(seconds=1))
    page = team.browsers["olga"].get(team.path("library:items"))
    assert not page.context["rows"]
    assert page.context["total"] == 0


def test_filters_leave_out_what_is_not_asked_for(
    team: Team, make_in: MakeIn, make_document: MakeDocument
) -> None:
    plain = make_in(team, "first", title="Plain")
    mine = make_in(team, "second", who="olga", title="Olga's", expires_at=_in_hours(5))
    make_in(team, "third", title="Waiting", scanned=False)
    place = Place(team.workspace, team.people["eddie"])
    make_document(until="", owner=team.people["eddie"], place=place)
    tag = team.workspace.tags.create(name="urgent")
    entry_of(plain).tags.add(tag)
    Entry.objects.filter(pid=mine.pid).update(
        assignee=team.people["rita"], undecided=3, lowest_score=0.4, needs_approval=True
    )
    for asked, expected in {
        "kind=document": {READING},
        "kind=paste": {"Plain", "Olga's", SCANNING},
        "state=ready": {"Plain", "Olga's"},
        "state=working&kind=paste": {SCANNING},
        f"tag={tag.pk}": {"Plain"},
        "who=mine": {"Olga's"},
        "who=unassigned&kind=paste": {"Plain", SCANNING},
        "review=undecided": {"Olga's"},
        "review=waiting": {"Olga's"},
        "review=approved": set(),
        "ends=soon": {"Olga's"},
        "ends=never&state=ready": {"Plain"},
        "kind=nonsense&tag=x&folder=9e9&policy=-1&state=%00": {
            "Plain",
            "Olga's",
            SCANNING,
            READING,
        },
    }.items():
        page = team.browsers["olga"].get(f"{team.path('library:items')}?{asked}")
        assert titles_on(page) == expected, asked
    Entry.objects.filter(pid=mine.pid).update(approved_revision=0)
    for asked, expected in {"review=approved": {"Olga's"}, "review=waiting": set()}.items():
        page = team.browsers["olga"].get(f"{team.path('library:items')}?{asked}")
        assert titles_on(page) == expected, asked
    page = team.browsers["rita"].get(f"{team.path('library:items')}?who=assigned")
    assert titles_on(page) == {"Olga's"}


def test_a_folder_shows_what_lies_in_the_folders_in_it(team: Team, make_in: MakeIn) -> None:
    outer = Folder.objects.create(workspace=team.workspace, name="Cases")
    inner = Folder.objects.create(workspace=team.workspace, name="2026", parent=outer)
    for folder, title in ((outer, "Outer"), (inner, "Inner"), (None, "Loose")):
        Entry.objects.filter(pid=make_in(team, "text", title=title).pid).update(folder=folder)
    browser, path = team.browsers["victor"], team.path("library:items")
    assert titles_on(browser.get(f"{path}?folder={outer.pk}")) == {"Outer", "Inner"}
    page = browser.get(f"{path}?folder={inner.pk}")
    assert titles_on(page) == {"Inner"}
    assert [node.name for node in page.context["crumbs"]] == ["Cases"]
    assert titles_on(browser.get(f"{path}?folder=none")) == {"Loose"}
    assert [node.count for node in page.context["tree"]] == [2, 1]


def test_a_list_is_ordered_as_asked(team: Team, make_in: MakeIn) -> None:
    for title, hours in (("b", 30), ("c", 3), ("a", None)):
        ends = _in_hours(hours) if hours else None
        make_in(team, "text", title=title, expires_at=ends)
    orders = {"": "acb", "oldest": "bca", "title": "abc", "ends": "cba"}
    for sort, expected in orders.items():
        page = team.browsers["victor"].get(f"{team.path('library:items')}?sort={sort}")
        assert "".join(row.title for row in page.context["rows"]) == expected, sort


def test_htmx_gets_the_table_alone(team: Team, make_in: MakeIn) -> None:
    make_in(team)
    answer = team.browsers["eddie"].get(team.path("library:items"), headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="item_table"')
    assert "HX-Request" in answer["Vary"]


def test_a_list_asks_the_database_as_often_for_many_items_as_for_few(
    team: Team, make_in: MakeIn
) -> None:
    tags = [team.workspace.tags.create(name=str(number)) for number in range(3)]

    def add(count: int) -> None:
        for number in range(count):
            folder = Folder.objects.create(workspace=team.workspace, name=f"{count} {number}")
            entry = entry_of(make_in(team, f"case {number}", title=f"{number}"))
            Entry.objects.filter(pk=entry.pk).update(folder=folder, assignee=team.people["rita"])
            entry.tags.set(tags)

    add(2)
    paths = ["", "?q=case", f"?tag={tags[0].pk}&sort=title", "?review=undecided", "?folder=none"]
    places = [team.path("library:items") + query for query in paths]
    for who in ("victor", "olga"):
        few = [queries_of(team.browsers[who], place) for place in places]
        assert max(few) < 25
        if who == "victor":
            add(7)
        many = [queries_of(team.browsers[who], place) for place in places]
        assert few == many


@pytest.mark.parametrize("who", ["olga", "victor"])
def test_an_empty_workspace_says_what_to_do(team: Team, who: str) -> None:
    page = team.browsers[who].get(team.path("library:items")).content.decode()
    assert "Nothing yet." in page
    assert ("New paste" in page) == (who == "olga")
    nothing = team.browsers[who].get(team.path("library:items") + "?q=absent").content.decode()
    assert "a hidden name is never found" in nothing


def test_filters_survive_their_address() -> None:
    asked = Filters(q="a & b=ü", folder="7", kind="paste", sort="title", ends="soon")
    from django.http import QueryDict

    assert Filters.read(QueryDict(asked.query).dict()) == asked
    assert asked.without("q").query == "folder=7&kind=paste&ends=soon&sort=title"


def _in_hours(hours: float) -> object:
    return timezone.now() + timedelta(hours=hours)


@pytest.mark.parametrize("kind", ["paste", "document", "image"])
def test_a_new_item_is_offered_to_this_workspace(team: Team, kind: str) -> None:
    form = team.browsers["eddie"].get(team.path("library:new", kind=kind), follow=True)
    chosen = f'<option value="{team.wid}" selected>{team.workspace.name}</option>'
    assert chosen in form.content.decode()
    assert team.browsers["eddie"].get(team.path("library:new", kind="key")).status_code == 404


@pytest.mark.parametrize("search", ["", "q=Ticket"])
@pytest.mark.parametrize(
    ("page", "shown"), [("", 2), ("1", 2), ("2", 1), ("9", 1), ("0", 1), ("-1", 1), ("x", 2)]
)
def test_the_pages_of_a_list_and_of_a_search(
    team: Team, make_in: MakeIn, monkeypatch: pytest.MonkeyPatch, search: str, page: str, shown: int
) -> None:
    monkeypatch.setattr("library.views.lists.PAGE_SIZE", 2)
    for number in range(3):
        make_in(team, title=f"Ticket {number}")
    path = f"{team.path('library:items')}?{search}&page={page}"
    answer = team.browsers["olga"].get(path)
    assert len(answer.context["rows"]) == shown
    assert "3 items" in answer.content.decode()
