"""Which spans rules make of what was found."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms, apply_rules
from anonymizer.rules.matching import Matcher, united
from anonymizer.text import mentions_of
from inference.engine.spans import Span

PERSON, MAIL, ACCOUNT = "private_person", "private_email", "account_number"
PROJECT = CustomCategory.named("Project code", 3, Terms(patterns=(r"PX-\d+",)))


def span(text: str, words: str, label: str = PERSON, nth: int = 0, **options: object) -> Span:
    """Return a span over the nth mention of words."""
    start = [match.start() for match in re.finditer(re.escape(words), text)][nth]
    return Span(start, start + len(words), label, **{"score": 0.9, **options})  # type: ignore[arg-type]


def hidden(text: str, spans: list[Span], rules: Rules) -> list[tuple[str, str]]:
    """Return the words that are hidden under rules, each with its label."""
    return [(text[s.start : s.end], s.label) for s in apply_rules(text, spans, rules)]


def always(*exact: str, label: str = "secret", **terms: tuple[str, ...]) -> Rules:
    """Return rules that always hide these."""
    return Rules(always=(AlwaysHide(label, Terms(exact=exact, **terms)),))


def test_without_rules_everything_stays_as_it_was_found() -> None:
    text = "Ada wrote to a@b.example"
    found = [span(text, "Ada"), span(text, "a@b.example", MAIL)]
    assert apply_rules(text, found, Rules()) == found


def test_a_category_that_is_off_is_not_hidden_unless_a_subtype_of_it_is_on() -> None:
    text = "account 12345, IBAN DE89"
    found = [span(text, "12345", ACCOUNT), span(text, "DE89", ACCOUNT, subtype="IBAN")]
    rules = Rules(operators={ACCOUNT: Operator.KEEP, "IBAN": Operator.REPLACE})
    assert hidden(text, found, rules) == [("DE89", ACCOUNT)]
    rules = Rules(operators={"IBAN": Operator.KEEP})
    assert hidden(text, found, rules) == [("12345", ACCOUNT)]


def test_a_value_that_is_hidden_in_one_place_is_not_left_in_another() -> None:
    text = "IBAN DE89, then DE89, then de 89"
    found = [
        span(text, "DE89", ACCOUNT, subtype="IBAN"),
        span(text, "DE89", ACCOUNT, nth=1, score=0.2),
    ]
    rules = Rules(
        operators={ACCOUNT: Operator.KEEP, "IBAN": Operator.REPLACE}, thresholds={ACCOUNT: 0.5}
    )
    assert hidden(text, found, rules) == [("DE89", ACCOUNT)] * 2


def test_thresholds_are_for_what_was_found_and_for_its_label() -> None:
    text = "Ada, Bob, a@b.example"
    found = [
        span(text, "Ada", score=0.4),
        span(text, "Bob", score=0.5),
        span(text, "a@b.example", MAIL, score=0.1),
    ]
    assert hidden(text, found, Rules(thresholds={PERSON: 0.5})) == [
        ("Bob", PERSON),
        ("a@b.example", MAIL),
    ]
    by_hand = [span(text, "Ada", score=0.0, detector="person")]
    assert hidden(text, by_hand, Rules(thresholds={PERSON: 0.5})) == [("Ada", PERSON)]


def test_never_takes_away_what_it_equals_or_covers() -> None:
    text = "Meet Ada Lovelace and Ada at Ada Lovelace House."
    found = [span(text, "Ada Lovelace"), span(text, "Ada", nth=1)]
    assert hidden(text, found, Rules(never=Terms(folded=("ada  LOVELACE",)))) == [("Ada", PERSON)]
    assert hidden(text, found, Rules(never=Terms(exact=("ada lovelace",)))) == [
        ("Ada Lovelace", PERSON),
        ("Ada", PERSON),
    ]
    assert hidden(text, found, Rules(never=Terms(patterns=(r"Meet Ada \w+",)))) == [("Ada", PERSON)]


def test_never_does_not_uncover_a_part_of_what_was_found() -> None:
    text = "Ada Lovelace was there."
    found = [span(text, "Ada Lovelace")]
    never = Terms(folded=("ada",), patterns=("Love", "Ada", " Lovelace"))
    assert hidden(text, found, Rules(never=never)) == [("Ada Lovelace", PERSON)]


def test_two_terms_side_by_side_do_not_cover_together() -> None:
    text = "AdaBob"
    never = Terms(patterns=("Ada", "Bob"))
    assert hidden(text, [Span(0, 6, PERSON)], Rules(never=never)) == [("AdaBob", PERSON)]


def test_punctuation_at_the_ends_of_a_span_does_not_save_it() -> None:
    text = "in (Berlin), then"
    found = [span(text, "(Berlin),", "private_address")]
    assert hidden(text, found, Rules(never=Terms(exact=("Berlin",)))) == []


def test_always_beats_never_and_a_category_that_is_off() -> None:
    text = "Falke wrote."
    both = Rules(
        never=Terms(exact=("Falke",), patterns=(".+",)),
        always=(AlwaysHide(PERSON, Terms(exact=("Falke",))),),
        operators={PERSON: Operator.KEEP},
    )
    assert hidden(text, [], both) == [("Falke", PERSON)]
    assert both.policy.operator_for(Span(0, 5, PERSON)) is Operator.REPLACE


def test_never_takes_away_what_an_own_category_found() -> None:
    rules = Rules(categories=(PROJECT,), never=Terms(exact=("PX-1",)))
    assert hidden("PX-1 and PX-2", [], rules) == [("PX-2", PROJECT.label)]


def test_an_own_category_can_be_off() -> None:
    rules = Rules(categories=(PROJECT,), operators={PROJECT.label: Operator.KEEP})
    assert hidden("PX-1", [], rules) == []


def test_a_person_s_mark_stays_whatever_the_rules_say() -> None:
    text = "Ada wrote."
    rules = Rules(never=Terms(exact=("Ada",)), operators={PERSON: Operator.KEEP})
    mark = span(text, "Ada", detector="person")
    assert apply_rules(text, [mark], rules) == [mark]


def test_what_overlaps_becomes_one_and_nothing_is_left_in_sight() -> None:
    text = "project PX-17 of Ada Lovelace"
    found = [span(text, "project PX"), span(text, "17 of Ada", "private_address")]
    assert hidden(text, found, Rules(categories=(PROJECT,))) == [
        ("project PX-17 of Ada", PROJECT.label)
    ]
    everything = Rules(categories=(PROJECT,), always=always("17 of Ada Lovelace").always)
    assert hidden(text, found, everything) == [("project PX-17 of Ada Lovelace", "secret")]


def test_a_list_under_the_same_label_keeps_the_finer_type() -> None:
    text = "IBAN DE89"
    found = [span(text, "DE89", ACCOUNT, subtype="IBAN")]
    (made,) = apply_rules(text, found, always("DE89", label=ACCOUNT))
    assert (made.subtype, made.detector, made.score) == ("IBAN", "rule", 1.0)


def test_reasons_name_the_category_and_never_the_value() -> None:
    rules = Rules(categories=(PROJECT,), always=always("Falke").always)
    for made in apply_rules("PX-17 Falke", [], rules):
        assert made.detector == "rule"
        assert made.reason
        assert "17" not in made.reason
        assert "Falke" not in made.reason


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_found_the_result_is_sorted_disjoint_and_covers_the_lists(seed: int) -> None:
    chance = random.Random(seed)
    words = ["ab", "b c", "c", "ca", "d d", "ä", "田中", "1234 56", "\ud800", "\0x"]
    text = "".join(chance.choice([*words, " ", ".", "\n"]) for _ in range(60))
    found, position = [], 0
    while position < len(text):
        end = position + chance.randint(1, 6)
        if chance.random() < 0.5:
            found.append(
                Span(position, min(end, len(text)), chance.choice([PERSON, MAIL, ACCOUNT]))
            )
        position = end
    rules = Rules(
        always=(AlwaysHide(PERSON, Terms(folded=tuple(words[:3]), patterns=("c+",))),),
        categories=(PROJECT, CustomCategory.named("Two", 2, Terms(exact=("ab", "ca")))),
        never=Terms(folded=("c", "ca"), patterns=("d",)),
    )
    made = apply_rules(text, found, rules)
    assert all(0 <= s.start < s.end <= len(text) for s in made)
    assert all(one.end <= two.start for one, two in pairwise(made))
    covered = {place for s in made for place in range(s.start, s.end)}
    for place in rules.always[0].terms.matcher.find(text):
        assert covered.issuperset(range(*place))


WORDS = [
    "Müller",
    "Mu\u0308ller",
    "MÜLLER",
    "müller gmbh",
    "Inc.",
    "A-1",
    "田中",
    "straße",
    "O'Neil",
]


@pytest.mark.parametrize("seed", range(40))
def test_folded_terms_are_found_where_the_slow_way_finds_them(seed: int) -> None:
    chance = random.Random(seed)
    gaps = [" ", "  ", "\n", "", "-", "x", ".", "_"]
    text = "".join(chance.choice(WORDS) + chance.choice(gaps) for _ in range(40))
    for term in WORDS:
        fast = {
            place
            for start, end in Matcher((), (term,), ()).find(text)
            for place in range(start, end)
        }
        slow = {p for start, end in mentions_of(text, term) for p in range(start, end)}
        assert slow <= fast, (term, text)


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("Müller", "Mu\u0308ller, MÜLLER und Müllerin", ["Mu\u0308ller", "MÜLLER"]),
        ("Straße", "die STRASSE", ["STRASSE"]),
        ("Ada Lovelace", "ADA\n  Love\u00adlace!", ["ADA\n  Love\u00adlace"]),
        ("Ｆａｌｋｅ", "der falke", ["falke"]),
        ("田中", "私は田中です", ["田中"]),
        ("4929 1234 5678 9012", "card 4929-1234-56789012.", ["4929-1234-56789012"]),
        ("4929123456789012", "4929 1234 5678 9012 and 49291234567890123", ["4929 1234 5678 9012"]),
        ("20241201", "on 2024.12.01", []),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000", ["de89370400440532013000"]),
        ("Inc.", "Acme Inc.", ["Inc."]),
        ("C++", "in C++ or c++17", ["C++", "c++"]),
        ("ab", "cab ab abc _ab ab_", ["ab"]),
    ],
)
def test_folded(term: str, text: str, expected: list[str]) -> None:
    found = Matcher((), (term,), ()).find(text)
    assert [text[start:end] for start, end in found] == expected


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [
        ("Falke", "Falke falke Falken (Falke)", ["Falke", "Falke"]),
        ("A  B", "A B A  B", ["A  B"]),
        ("#12", "x#12 #123", ["#12"]),
    ],
)
def test_exact(term: str, text: str, expected: list[str]) -> None:
    found = Matcher((term,), (), ()).find(text)
    assert [text[start:end] for start, end in found] == expected


def test_the_longest_of_the_terms_at_a_place_is_taken() -> None:
    matcher = Matcher((), ("Ada", "Ada Lovelace", "Ada Lovelace House"), ())
    text = "Ada Lovelace Hous, Ada Lovelace House"
    assert [text[a:b] for a, b in matcher.find(text)] == ["Ada Lovelace", "Ada Lovelace House"]


def test_places_that_overlap_are_one_and_neighbours_are_not() -> None:
    assert united([(4, 6), (0, 3), (2, 4), (6, 8)]) == [(0, 4), (4, 6), (6, 8)]


def test_thousands_of_terms_cost_no_pass_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is read twice, once for each kind of term, however many terms there are."""
    from anonymizer.rules import matching

    passes = []
    read = matching._read

    def counted(text: str, *options: object) -> object:
        passes.append(len(text))
        return read(text, *options)  # type: ignore[arg-type]

    terms = tuple(f"Term{number} of many" for number in range(5000))
    matcher = Matcher(terms, terms, ())
    text = "Term4999 of many, TERM17 of many. " * 50
    matcher.find("")
    monkeypatch.setattr(matching, "_read", counted)
    assert len(matcher.find(text)) == 100
    assert passes == [len(text)] * 2
