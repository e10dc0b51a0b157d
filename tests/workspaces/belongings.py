"""Everything that a person can leave private text in, each with a mark of its own."""

from __future__ import annotations

import io

from django.core.files.storage import storages
from PIL import Image

from accounts.models import User
from anonymizer.rules import AlwaysHide, Rules, Terms
from documents import work
from documents.services import create_document
from entries.models import Entry
from inference.worker import ScanWorker
from pastebin.services import create_paste
from policies.models import Pseudonym
from policies.services import create_policy
from review.models import Comment, Decision, Verdict
from review.sealed import Remark, Said, seal_remark, seal_said
from sharing.services import Place
from tests.chosen_engine import ChosenEngine
from workspaces.keys import key_of
from workspaces.models import Workspace
from workspaces.services import personal_of

KINDS = (
    "title", "text", "span", "file", "filename", "password", "picture", "policy", "pseudonym",
    "comment", "remark", "reason", "own",
)  # fmt: skip


def mark(user: User, kind: str) -> str:
    """Return the private word of a person for one kind of thing."""
    return f"{kind}Quirinalia{user.username.title()}"


def marks_of(user: User) -> set[bytes]:
    """Return all private words of a person."""
    return {mark(user, kind).encode() for kind in KINDS}


def picture_of(user: User) -> bytes:
    """Return a picture that holds a person's word in its bytes."""
    held = io.BytesIO()
    image = Image.new("RGB", (8, 8), "white")
    image.save(held, "JPEG", comment=mark(user, "picture").encode())
    return held.getvalue()


def leave_belongings(user: User, workspace: Workspace, elsewhere: Entry | None = None) -> Entry:
    """Have a person add one of everything to a workspace and to their own; returns an entry.

    elsewhere: somebody else's, on which the person comments
    """
    place = Place(workspace, user)
    text = f"Dear {mark(user, 'span')}, {mark(user, 'text')}."
    paste = create_paste(text=text, title=mark(user, "title"), owner=user, place=place).paste
    create_paste(text=mark(user, "own"), owner=user)
    create_document(
        content=f"Call {mark(user, 'file')}.".encode(),
        name=f"{mark(user, 'filename')}.txt",
        password=mark(user, "password"),
        owner=user,
        place=place,
    )
    create_document(content=picture_of(user), name="a.jpg", owner=user, place=place, is_read=False)
    hidden = (AlwaysHide("private_person", Terms((mark(user, "policy"),), (), ())),)
    own = personal_of(user)
    create_policy(workspace=own, name="Mine", rules=Rules(always=hidden), actor=user)
    work.run_pending()
    worker = ScanWorker()
    worker.engine = ChosenEngine({mark(user, "span"): "private_person"})  # type: ignore[assignment]
    worker.run_pending()
    work.run_pending()
    entry = Entry.objects.select_related("envelope").get(pid=paste.pid)
    _pseudonym(user, workspace, entry)
    _say(user, entry, mark(user, "comment"))
    _decide(user, entry)
    if elsewhere is not None:
        _say(user, elsewhere, mark(user, "remark"))
    else:
        _say(user, entry, mark(user, "remark"))
    return entry


def sealed_files() -> int:
    """Return how many files lie in the sealed storage."""
    storage = storages["sealed"]
    folders = storage.listdir("")[0] if storage.exists("") else []
    return sum(len(storage.listdir(folder)[1]) for folder in folders)


def _pseudonym(user: User, workspace: Workspace, entry: Entry) -> None:
    envelope, key = key_of(workspace)
    word = mark(user, "pseudonym")
    row = Pseudonym.objects.create(
        workspace=workspace,
        type="PERSON",
        number=user.pk,
        digest=word.encode()[::-1],
        sealed_value=envelope.seal(key, word, "pseudonym"),
    )
    entry.pseudonyms.add(row)


def _say(user: User, entry: Entry, text: str) -> None:
    key = entry.envelope.open_for_service()
    sealed = seal_remark(entry.envelope, key, Remark(0, 0, text))
    Comment.objects.create(entry=entry, author=user, sealed=sealed)


def _decide(user: User, entry: Entry) -> None:
    key = entry.envelope.open_for_service()
    sealed = seal_said(entry.envelope, key, Said(0, 4, mark(user, "reason")))
    Decision.objects.create(
        entry=entry, kind=Verdict.ACCEPT, reviewer=user, revision=0, place=b"", sealed=sealed
    )
