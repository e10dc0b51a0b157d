"""A person's texts in the export of everything they own."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export import Exported, as_json, as_text
from accounts.models import User
from pastebin.models import Paste
from pastebin.services import read_original
from sharing.owned import export_items, facts_of, spans_as_json
from vault.envelope import DataKey


def export_pastes(user: User) -> Iterator[Exported]:
    """Yield each text with its title as it was given, its spans, and as others see it."""
    yield from export_items(Paste, user, "texts", _shown, _sealed)


def _shown(paste: Paste, folder: str) -> Iterator[Exported]:
    facts = facts_of(paste) | {"style": paste.style, "burns": paste.burn}
    yield as_json(f"{folder}/about.json", facts | {"title_characters": paste.title_characters})
    if paste.redacted_text is not None:
        yield as_text(f"{folder}/redacted.txt", paste.redacted_text)


def _sealed(paste: Paste, folder: str, key: DataKey) -> Iterator[Exported]:
    original = read_original(paste, key)
    yield as_text(f"{folder}/original.txt", original.text)
    yield spans_as_json(f"{folder}/spans.json", original.spans)
