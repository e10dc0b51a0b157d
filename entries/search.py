"""Full-text search over redacted titles and texts."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, Value

from entries.models import Entry, SearchPart

# PostgreSQL holds a vector of a mebibyte; a stretch of this many characters always fits.
PART_CHARACTERS = 50_000
# Words of every language alike: a workspace's texts are in many.
CONFIG = "simple"
# Scripts without spaces between words: each sign is searched for as a word.
_UNSPACED = re.compile(r"([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff])")
_LONGEST_QUERY = 200


def index(entry: Entry, text: str) -> None:
    """Make an entry be found by these words and no others."""
    SearchPart.objects.filter(entry=entry).delete()
    whole = text.replace("\0", " ")
    SearchPart.objects.bulk_create(
        (
            SearchPart(entry=entry, vector=SearchVector(Value(_spaced(part)), config=CONFIG))
            for part in _parts(whole)
        ),
        batch_size=50,
    )


def matching(query: str) -> Q:
    """Return the condition on entries that a search means: words, "phrases", -without, or."""
    wanted = _spaced(query.replace("\0", " ")[:_LONGEST_QUERY])
    words = SearchQuery(wanted, config=CONFIG, search_type="websearch")
    parts = SearchPart.objects.filter(entry=OuterRef("pk"), vector=words)
    return Q(Exists(parts)) | Q(pid=query.strip().rpartition("/")[2])


def _spaced(text: str) -> str:
    return _UNSPACED.sub(r" \1 ", text)


def _parts(text: str) -> list[str]:
    """Cut a text at white space into stretches; one without any is cut anywhere."""
    parts, start = [], 0
    while start < len(text):
        end = min(start + PART_CHARACTERS, len(text))
        if end < len(text):
            gap = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
            end = gap + 1 if gap > start else end
        parts.append(text[start:end])
        start = end
    return parts
