"""Full-text search over redacted titles and texts.

A search reads as people type it: words that all must stand somewhere (each may go on: "rech" finds
"Rechnung"), "phrases" as they stand, -without, and `or` between alternatives.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Length, Substr

from anonymizer.storable import storable
from entries.models import Entry, SearchPart
from vault.rows import prepared_cursor

# PostgreSQL holds a vector of a mebibyte; a stretch of this many characters always fits.
PART_CHARACTERS = 50_000
# Stretches overlap, so that a phrase is whole in one of them.
OVERLAP_CHARACTERS = 500
# Words of every language alike: a workspace's texts are in many.
CONFIG = "simple"
# Scripts without spaces between words: each sign is searched for as a word.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
_SIGN = re.compile(r"[^\w\s]|_")
_LONGEST_QUERY = 200
_MOST_TERMS = 12
_PID = re.compile(r"[\w-]{16}")
_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_BEFORE, _AFTER = 60, 140
_INDEX = """
INSERT INTO entries_searchpart (entry_id, start, vector)
SELECT %s::uuid, start, to_tsvector(%s::text::regconfig, words)
FROM unnest(%s::int[], %s::text[]) AS part (start, words)
"""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a search asks for: a phrase, or a word that may go on."""

    words: str
    is_phrase: bool
    is_unwanted: bool

    def query(self) -> SearchQuery:
        """Return it as PostgreSQL understands it."""
        if self.is_phrase:
            return SearchQuery(_searchable(self.words), config=CONFIG, search_type="phrase")
        # Only letters and digits get here: nothing in them is an operator.
        return SearchQuery(f"'{_searchable(self.words)}':*", config=CONFIG, search_type="raw")

    def pattern(self) -> str:
        """Return a regular expression that finds it in small letters, inside of words, too."""
        signs = _UNSPACED.sub(r" \1 ", self.words.lower())
        return r"[\W_]*".join(re.escape(word) for word in re.findall(r"[^\W_]+", signs))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an excerpt; is_hit: it is what was searched for."""

    text: str
    is_hit: bool


def index(entry: Entry, text: str, *, is_first: bool = False) -> None:
    """Make an entry be found by these words and no others.

    text:     as it is stored: the excerpts of a result are cut from there
    is_first: nothing was searched of it before
    """
    if not is_first:
        SearchPart.objects.filter(entry=entry).delete()
    parts = list(_parts(text))
    starts, words = [start for start, _ in parts], [_searchable(part) for _, part in parts]
    with prepared_cursor() as cursor:
        cursor.execute(_INDEX, [entry.pk, CONFIG, starts, words])


def matching(query: str) -> Q:
    """Return the condition on entries that a search means; an address or id finds its item."""
    query = storable(query[:_LONGEST_QUERY])
    # Asked for ids only where there may be one: PostgreSQL plans worse with an alternative.
    pids = [part for part in re.split(r"[/?#\s]+", query) if _PID.fullmatch(part)]
    found = Q(pid__in=pids)  # without one it is nothing, and the alternatives stand alone
    for terms in _alternatives(query):
        wanted = Q()
        for term in terms:
            parts = SearchPart.objects.filter(entry=OuterRef("pk"), vector=term.query())
            wanted &= ~Q(Exists(parts)) if term.is_unwanted else Q(Exists(parts))
        found |= wanted
    return found


def excerpts(entries: Iterable[Entry], query: str) -> dict[object, list[Piece]]:
    """Return where a search was found in redacted texts, by the entries' keys; one query.

    An entry that was found otherwise (by its title or its id) has none.
    """
    groups = _alternatives(storable(query[:_LONGEST_QUERY]))
    terms = [term for group in groups for term in group if not term.is_unwanted]
    patterns = [pattern for term in terms if (pattern := term.pattern())]
    if not patterns:
        return {}
    wanted = terms[0].query()
    for term in terms[1:]:
        wanted = wanted | term.query()
    item = "entry__envelope"
    text = Coalesce(f"{item}__paste__redacted_text", f"{item}__document__redacted_text")
    title = Coalesce(f"{item}__paste__redacted_title", f"{item}__document__redacted_name")
    rows = (
        SearchPart.objects.filter(entry__in=list(entries), vector=wanted)
        .order_by("entry", "start")
        .distinct("entry")
        .values_list("entry", Substr(text, F("start") + 1, PART_CHARACTERS), "start", Length(title))
    )
    sought = re.compile("|".join(patterns))
    # Title and text are stored as one, but the title of a result stands there anyway.
    cut = (
        (key, _excerpt((part or "")[max(title_end - start, 0) :].lstrip(), sought))
        for key, part, start, title_end in rows
    )
    return {key: pieces for key, pieces in cut if pieces}


def _alternatives(query: str) -> list[list[Term]]:
    """Return what a search asks for: all terms of one of the lists."""
    groups: list[list[Term]] = [[]]
    plain = unicodedata.normalize("NFKC", query)
    for minus, phrase, word in list(_TERM.findall(plain))[:_MOST_TERMS]:
        if word.casefold() == "or" and not minus:
            groups.append([])
        elif re.search(r"[^\W_]", phrase or word):
            is_word = re.fullmatch(r"[^\W_]+", word) and not _UNSPACED.search(word)
            groups[-1].append(Term(phrase or word, not is_word, bool(minus)))
    return [group for group in groups if group]


def _searchable(text: str) -> str:
    """Return a text as it is indexed: words in one spelling, and nothing else.

    What PostgreSQL takes for a letter follows the locale of its database, so no other sign is left.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _SIGN.sub(lambda sign: _instead_of(sign[0]), folded)
    return _UNSPACED.sub(r" \1 ", words)


@functools.cache
def _instead_of(sign: str) -> str:
    """Return what stands for a sign: marks belong to letters, invisible signs to nothing."""
    category = unicodedata.category(sign)
    if category[0] == "M":
        return sign
    return "" if category == "Cf" else " "


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text at white space into stretches; one without any is cut anywhere."""
    start = 0
    while start < len(text):
        end = min(start + PART_CHARACTERS, len(text))
        if end < len(text):
            end = _gap(text, start + PART_CHARACTERS // 2, end)
        yield start, text[start:end]
        if end == len(text):
            return
        start = _gap(text, end - OVERLAP_CHARACTERS * 2, end - OVERLAP_CHARACTERS)


def _gap(text: str, start: int, end: int) -> int:
    """Return where the last white space of a stretch ends, or the stretch itself."""
    gap = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
    return gap + 1 if gap >= 0 else end


def _excerpt(text: str, sought: re.Pattern[str]) -> list[Piece]:
    hits = _hits(text, sought)
    first = next(hits, None)
    if first is None:
        return []
    start, end = max(first[0] - _BEFORE, 0), min(first[1] + _AFTER, len(text))
    if start:
        start = max(text.find(" ", start, first[0]) + 1, start)
    if end < len(text):
        end = _gap(text, first[1], end)
    pieces, done = [Piece("… " if start else "", False)], start
    for begin, stop in itertools.chain([first], hits):
        if stop > end:
            break
        pieces.append(Piece(_in_one_line(text[done:begin]), False))
        pieces.append(Piece(_in_one_line(text[begin:stop]), True))
        done = stop
    pieces.append(Piece(_in_one_line(text[done:end]) + ("…" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece.text]


def _hits(text: str, sought: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield where words begin that were sought."""
    small = text.lower()
    if len(small) != len(text):  # a letter that is two in small: rare, and the offsets would shift
        small = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
    for hit in sought.finditer(small):
        before = small[hit.start() - 1 : hit.start()]
        if not before.isalnum() or _UNSPACED.match(before) or _UNSPACED.match(hit[0]):
            yield hit.span()


def _in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
