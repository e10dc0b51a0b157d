"""The search: over what anybody may read, in every language, through long texts."""

from __future__ import annotations

import json

import pytest

from accounts.models import User
from anonymizer.corrections import parse_edits
from entries.models import Entry, SearchPart
from entries.search import PART_CHARACTERS, excerpts, index, matching
from pastebin.models import Paste
from pastebin.services import correct
from tests.pastebin.world import CARD, MAIL, NAME, SECRETS, Made, Make

pytestmark = pytest.mark.django_db
_ODD = (
    *("\0", "'", "a'b", ":*", "a:*", "!", "& |", "a & b | !", "<->", "(", "\\", '"', "-", "or"),
    *("a or", "%", "_", "'; --", "\ud800", "\u2400", "x" * 500, '"' * 50, "a\ud800b", "-or -"),
)


@pytest.fixture
def entry(make: Make, alice: User) -> Entry:
    """The entry of a paste of alice's."""
    return Entry.objects.get(pid=make("nothing in particular", owner=alice).pid)


def finds(query: str) -> bool:
    """Say whether a search finds anything."""
    return Entry.objects.filter(matching(query)).exists()


def excerpt(query: str) -> str:
    """Return where a search was found, hits in brackets."""
    found = Entry.objects.filter(matching(query))
    pieces = next(iter(excerpts(found, query).values()), [])
    return "".join(f"[{one.text}]" if one.is_hit else one.text for one in pieces)


def test_a_search_finds_words_of_title_and_text(make: Make, alice: User) -> None:
    paste = make("The parcel from Utrecht is lost.", title="Ticket 2291", owner=alice)
    for query in ("parcel", "PARCEL", "ticket parcel", '"from utrecht"', "parc", "2291"):
        assert finds(query), query
    for query in ("parcels", "parcel found", '"utrecht from"', '"parc"', "arcel"):
        assert not finds(query), query
    for query in (paste.pid, paste.public, f"https://paste.example{paste.original}"):
        assert finds(query), query


def test_words_can_be_unwanted_or_alternatives(make: Make, alice: User) -> None:
    make("apples and pears", owner=alice)
    make("apples and plums", owner=alice)
    counts = {
        "apples": 2,
        "apples -pears": 1,
        'apples -"and pears"': 1,
        "pears or plums": 2,
        "apples pears or cherries": 1,
        "cherries or figs": 0,
        "-apples": 0,
    }
    for query, count in counts.items():
        assert Entry.objects.filter(matching(query)).count() == count, query


def test_what_is_hidden_is_never_found(make: Make, alice: User) -> None:
    make(title=f"Ticket of {NAME}", owner=alice)
    assert finds("ticket customer")
    for secret in (*SECRETS, f'"{NAME}"', f"{NAME} or {MAIL}", "lindqv", "mail.example"):
        assert not finds(secret), secret
        assert not excerpt(secret)


def test_a_name_that_a_correction_hides_is_not_found_any_more(make: Make, alice: User) -> None:
    made = make("Anders Falk is on the list, and Falk waits.", owner=alice)
    assert finds("anders falk")
    change(made, {"op": "add", "start": 0, "end": 11, "label": "private_person"})
    assert not finds("anders")
    assert finds("falk waits")
    change(made, {"op": "add", "start": 32, "end": 36, "label": "private_person"})
    assert not finds("falk")
    assert excerpt("waits").endswith("[waits].")


def test_a_name_that_a_correction_shows_is_found(make: Make, alice: User) -> None:
    made = make(f"{NAME} wrote.", owner=alice)
    assert not finds("lindqvist")
    change(made, {"op": "remove", "start": 0, "end": len(NAME)})
    assert finds("lindqvist")


def test_scripts_without_spaces_are_searched_sign_by_sign(make: Make, alice: User) -> None:
    make("会议于2026年在东京召开。참석자는 다섯 명입니다.", owner=alice)
    for query in ("东京", "会议", "東京 or 东京", "2026年", "참석자", "京召"):
        assert finds(query), query
    for query in ("京东", "北京", "会东"):
        assert not finds(query), query
    assert excerpt("东京") == "会议于2026年在[东京]召开。참석자는 다섯 명입니다."


def test_letters_are_found_however_they_are_written(make: Make, alice: User) -> None:
    make("Die STRASSE nach Zu\u0308rich; ﬁnal; Ελλάδα", owner=alice)
    for query in ("straße", "zürich", "ZÜRICH", "final", "ελλάδα", "ΕΛΛΆΔΑ"):
        assert finds(query), query


def test_two_million_characters_are_searched_from_end_to_end(entry: Entry) -> None:
    words = [f"word{number}" for number in range(200_000)]
    words[5], words[-5] = "Anfang", "Ende"
    text = " ".join(words)
    assert len(text) > 1_900_000
    Paste.objects.filter(pk=entry.pid).update(redacted_text=text)
    index(entry, text)
    for query in ("anfang", "ende", "anfang ende", '"word99999 word100000"', "word123456"):
        assert finds(query), query
    assert not finds("anfang -ende")
    assert not finds("anfang missing")
    assert "[Ende]" in excerpt("ende")


def test_a_phrase_is_found_wherever_the_text_is_cut(entry: Entry) -> None:
    line = "x " * (PART_CHARACTERS // 2 - 8)
    text = line + "the quick brown fox jumps over the lazy dog " + line
    for shift in range(0, 60, 7):
        index(entry, "a " * shift + text)
        assert finds('"quick brown fox jumps over the lazy"'), shift
    assert SearchPart.objects.filter(entry=entry).count() > 2


def test_a_text_without_spaces_is_indexed(entry: Entry) -> None:
    index(entry, "文" * (PART_CHARACTERS * 2) + "末")
    assert finds("末")
    index(entry, "x" * (PART_CHARACTERS * 3))
    assert not finds("末")


def test_nul_and_operators_are_only_signs(make: Make, alice: User) -> None:
    make("before\0after & then", owner=alice)
    assert finds("then\0")
    assert finds("be\0fore") is False
    for query in _ODD:
        finds(query)
        excerpt(query)


def test_an_excerpt_shows_the_first_place_and_nothing_hidden(make: Make, alice: User) -> None:
    make("Much is said before. " * 20 + f"Then {NAME} left the harbour.\n\nAnd more.", owner=alice)
    shown = excerpt("harbour left")
    assert "[left] the [harbour]" in shown
    assert shown.startswith("… ")
    assert NAME not in shown
    assert CARD not in shown
    assert "\n" not in shown


def test_an_excerpt_leaves_the_title_out(make: Make, alice: User) -> None:
    make("The harbour is quiet.", title="Harbour", owner=alice)
    assert excerpt("harbour") == "The [harbour] is quiet."
    make("Nothing of it here.", title="Lighthouse", owner=alice)
    assert finds("lighthouse")
    assert excerpt("lighthouse") == ""


def change(made: Made, edit: dict[str, object]) -> None:
    """Correct a paste's marks, as its owner does."""
    row = made.row
    _, edits, _ = parse_edits(json.dumps({"revision": row.revision, "edits": [edit]}).encode())
    key = row.envelope.open_for_service()
    correct(paste=row, key=key, revision=row.revision, edits=edits, all_mentions=False)
