"""Mails: fields, texts, pages, mails within them, and the files attached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from documents import formats
from documents.formats.kinds import kind_of
from documents.formats.model import (
    Check,
    Cleaned,
    Extracted,
    FormatError,
    Hidden,
    Kind,
    ReadOptions,
    TooLargeError,
)
from documents.formats.plain.checking import places_check
from documents.formats.plain.eml_headers import KEPT
from documents.formats.plain.eml_parts import Attachment, attachments_in
from documents.formats.plain.eml_walk import MailWalk
from documents.formats.plain.html import checks_of_page, removed_sentences
from documents.formats.plain.pieces import rewrite
from documents.formats.survivors import HiddenValues

# What this module writes in them is the same in each mail.
_CONSTANT_FIELDS = frozenset(
    {"mime-version", "content-type", "content-transfer-encoding", "content-disposition"}
)
_FIELDS = frozenset(name.lower() for name in KEPT) | _CONSTANT_FIELDS
ROUTES = "Fields about the way of the mail (Received, Message-ID, X- and the like)"


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a mail's text: its fields and body, then what is attached."""
    walk = _walk(content, options)
    attachments = attachments_in(walk.mail.body.parts)
    lost = sum(attachment.extracted is None for attachment in attachments)
    return Extracted(
        Kind.EML,
        walk.builder.text,
        tuple(walk.builder.blocks),
        notes=(
            f"{ROUTES} are removed from the clean file.",
            *_lost_sentence(
                lost, "is not read and will be removed", "are not read and will be removed"
            ),
            *removed_sentences(walk.removed, "are removed from the clean file"),
        ),
        title=next((text for name, text in walk.mail.fields if name == "Subject"), ""),
    )


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return the mail with each span replaced, the attachments that can be cleaned, clean."""
    walk = _walk(content, options)
    rewrite(walk.builder.text, walk.builder.pieces, hidden)
    attachments = attachments_in(walk.mail.body.parts)
    notes: list[str] = []
    for attachment in attachments:
        notes += _clean(attachment, hidden, options)
    lost = sum(attachment.clean is None for attachment in attachments)
    removed = (
        f"{ROUTES} were removed.",
        *_lost_sentence(lost, "was removed", "were removed"),
        *removed_sentences(walk.removed, "were removed"),
        *dict.fromkeys(notes),
    )
    return Cleaned(walk.mail.as_bytes(), removed)


def _clean(
    attachment: Attachment, hidden: Sequence[Hidden], options: ReadOptions
) -> tuple[str, ...]:
    """Clean an attachment, and return what was removed from it; it stays unclean where it fails."""
    if attachment.extracted is None:
        return ()
    at, end = attachment.at, attachment.at + len(attachment.extracted.text)
    inside = [
        replace(span, start=span.start - at, end=span.end - at)
        for span in hidden
        if at <= span.start < end
    ]
    try:
        cleaned = formats.write_clean(
            attachment.content, attachment.extracted, inside, options=options
        )
    except FormatError:
        return ()
    attachment.clean = cleaned.content
    return cleaned.removed


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return where a hidden value still stands, as Python's newer parser reads every part."""
    parts = [
        part
        for part in message_from_bytes(clean, policy=policy.default).walk()
        if isinstance(part, EmailMessage)
    ]
    raw = list(message_from_bytes(clean, policy=policy.compat32).walk())
    return (
        places_check("source", _sources(raw), values),
        places_check("fields", _fields(parts), values),
        places_check("texts", _texts(parts, "text/plain"), values),
        _pages_check(parts, values),
        _attachments_check(parts, values, options),
        _unknown_fields(raw),
    )


def _walk(content: bytes, options: ReadOptions) -> MailWalk:
    try:
        return MailWalk(message_from_bytes(content, policy=policy.compat32), options)
    except RecursionError:
        raise TooLargeError("This mail is nested too deeply to be read.") from None


def _lost_sentence(count: int, one: str, several: str) -> tuple[str, ...]:
    if not count:
        return ()
    return (f"1 attachment {one}." if count == 1 else f"{count} attachments {several}.",)


def _sources(parts: Sequence[Message]) -> Iterator[tuple[str, str]]:
    """Yield what stands between and in the parts, undecoded; pages and files are checked apart."""
    for number, part in enumerate(parts, 1):
        yield f"before part {number}", part.preamble or ""
        yield f"after part {number}", part.epilogue or ""
        for name, raw in part.raw_items():
            if name.lower() not in _CONSTANT_FIELDS:
                yield f"a field of part {number}", str(raw)
        if part.get_content_type() == "text/plain":
            yield f"part {number}", str(part.get_payload())


def _fields(parts: Sequence[EmailMessage]) -> Iterator[tuple[str, str]]:
    for part in parts:
        for name in part:
            if name.lower() not in _CONSTANT_FIELDS:
                yield f"the field {name}", " ".join(map(str, part.get_all(name, ())))
        yield "the name of an attachment", part.get_filename() or ""


def _texts(parts: Sequence[EmailMessage], kind: str) -> Iterator[tuple[str, str]]:
    for number, part in enumerate(parts, 1):
        if part.get_content_type() == kind:
            yield f"part {number}", _decoded(part).decode("utf-8", "replace")


def _pages_check(parts: Sequence[EmailMessage], values: HiddenValues) -> Check:
    looked_at = 0
    survivors: list[str] = []
    for place, page in _texts(parts, "text/html"):
        for check in checks_of_page(page, values):
            looked_at += check.looked_at
            survivors += (f"{place}: {what}" for what in check.survivors)
    return Check("pages", looked_at, tuple(survivors))


def _attachments_check(
    parts: Sequence[EmailMessage], values: HiddenValues, options: ReadOptions
) -> Check:
    looked_at = 0
    survivors: list[str] = []
    for part in parts:
        if part.get_content_disposition() != "attachment":
            continue
        looked_at += 1
        content = _decoded(part)
        try:
            kind = kind_of(content, part.get_filename() or "")
            checks = formats.verify(content, kind, values, options=options)
        except FormatError:
            survivors.append(f"attachment {looked_at}: it cannot be opened")
            continue
        for check in checks:
            survivors += (f"attachment {looked_at}: {what}" for what in check.survivors)
    return Check("attachments", looked_at, tuple(survivors))


def _unknown_fields(parts: Sequence[Message]) -> Check:
    names = [name.lower() for part in parts for name in part]
    unknown = any(name not in _FIELDS for name in names)
    return Check("field names", len(names), ("a field of no known name",) if unknown else ())


def _decoded(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
