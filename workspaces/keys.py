"""A workspace's own key: it seals what belongs to the workspace and not to one item."""

from __future__ import annotations

from django.db import transaction

from vault.envelope import DataKey
from vault.models import Envelope
from workspaces.models import Workspace


def key_of(workspace: Workspace) -> tuple[Envelope, DataKey]:
    """Return a workspace's envelope and its opened key, made when first asked for.

    Raises UnsealError.
    """
    if workspace.envelope is None:
        with transaction.atomic():
            locked = Workspace.objects.select_for_update().get(pk=workspace.pk)
            if locked.envelope_id is None:
                locked.envelope, _ = Envelope.create_for_service()
                locked.save(update_fields=["envelope"])
        workspace.envelope = Envelope.objects.get(workspace=workspace.pk)
    return workspace.envelope, workspace.envelope.open_for_service()


def hash_key_of(workspace: Workspace) -> bytes:
    """Return the secret of a workspace's hashes, surrogates and pseudonyms. Raises UnsealError."""
    envelope, key = key_of(workspace)
    return key.derive(f"hashes of envelope {envelope.pk}")
