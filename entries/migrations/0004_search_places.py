"""Searched stretches know where they begin; what is there already is searched anew.

Words are compared folded now, signs of scripts without spaces one by one.
"""

import re
import unicodedata

from django.contrib.postgres.search import SearchVector
from django.db import migrations, models
from django.db.models import Value

PART_CHARACTERS, OVERLAP_CHARACTERS = 50_000, 500
UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
SIGN = re.compile(r"[^\w\s]|_")


def index_anew(apps, schema_editor):
    """Make each item be found by the words of its redacted text."""
    entries = apps.get_model("entries", "Entry")
    parts = apps.get_model("entries", "SearchPart")
    for app, model in (("pastebin", "Paste"), ("documents", "Document")):
        items = apps.get_model(app, model).objects.exclude(redacted_text=None)
        texts = items.values_list("envelope", "redacted_text")
        for envelope, text in texts.iterator(chunk_size=50):
            entry = entries.objects.filter(envelope=envelope).first()
            if entry is None:
                continue
            parts.objects.filter(entry=entry).delete()
            for start in range(0, len(text), PART_CHARACTERS - OVERLAP_CHARACTERS):
                part = searchable(text[start : start + PART_CHARACTERS])
                vector = SearchVector(Value(part), config="simple")
                parts.objects.create(entry=entry, start=start, vector=vector)


def searchable(text):
    """Return a text as it is indexed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return UNSPACED.sub(r" \1 ", SIGN.sub(lambda sign: instead_of(sign[0]), folded))


def instead_of(sign):
    """Return what stands for a sign: marks belong to letters, invisible signs to nothing."""
    category = unicodedata.category(sign)
    if category[0] == "M":
        return sign
    return "" if category == "Cf" else " "


def leave(apps, schema_editor):
    """Nothing to undo: the words stay as they are."""


class Migration(migrations.Migration):
    """The items' own tables are as they were when entries began."""

    dependencies = [("entries", "0003_review")]

    operations = [
        migrations.AddField(
            model_name="searchpart",
            name="start",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(index_anew, leave),
    ]
