"""What accounts keep already gets a personal workspace and an entry in it."""

import secrets
from collections import Counter

from django.contrib.postgres.search import SearchVector
from django.db import migrations
from django.db.models import Value

PART_CHARACTERS = 50_000


def enter_existing(apps, schema_editor):
    """Make the workspaces, then the entries; the words of finished items can be searched."""
    workspace_of = {}
    for user in apps.get_model("accounts", "User").objects.all():
        workspace = apps.get_model("workspaces", "Workspace").objects.create(
            wid=secrets.token_urlsafe(9), name="Personal", person=user
        )
        apps.get_model("workspaces", "Membership").objects.create(
            workspace=workspace, user=user, role="owner"
        )
        workspace_of[user.pk] = workspace
    for paste in _owned(apps, "pastebin", "Paste"):
        _enter(apps, paste, "paste", workspace_of)
    for document in _owned(apps, "documents", "Document"):
        kind = "image" if document.kind == "png" else "document"
        _enter(apps, document, kind, workspace_of)


def leave(apps, schema_editor):
    """Nothing to undo: the tables go with the migrations before this one."""


def _owned(apps, app, model):
    return apps.get_model(app, model).objects.exclude(owner=None).iterator(chunk_size=200)


def _enter(apps, item, kind, workspace_of):
    entry = apps.get_model("entries", "Entry").objects.create(
        envelope_id=item.envelope_id,
        pid=item.pid,
        kind=kind,
        workspace=workspace_of[item.owner_id],
        counts=dict(Counter(bar[2] for bar in item.bars)),
    )
    apps.get_model("entries", "Entry").objects.filter(pk=entry.pk).update(
        created_at=item.created_at
    )
    text = (item.redacted_text or "").replace("\0", " ")
    for start in range(0, len(text), PART_CHARACTERS):
        part = SearchVector(Value(text[start : start + PART_CHARACTERS]), config="simple")
        apps.get_model("entries", "SearchPart").objects.create(entry=entry, vector=part)


class Migration(migrations.Migration):
    """Runs once the items' own tables are as they were before workspaces."""

    dependencies = [
        ("entries", "0001_initial"),
        ("pastebin", "0003_withheld"),
        ("documents", "0003_withheld"),
    ]

    operations = [migrations.RunPython(enter_existing, leave)]
