"""A mail's parts as blocks and pieces, and beside them the mail that is written from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message

from documents import formats
from documents.formats.kinds import kind_of
from documents.formats.model import (
    FormatError,
    Kind,
    ReadOptions,
    Role,
    TooLargeError,
)
from documents.formats.plain.charsets import known_charset
from documents.formats.plain.decoding import UndecodableError, decoded, source_from
from documents.formats.plain.eml_headers import bytes_as_text, fields_of, meant
from documents.formats.plain.eml_parts import Attachment, Enclosed, Mail, Page, Part, Parts, Text
from documents.formats.plain.html_tree import tree_of
from documents.formats.plain.html_walk import Walk
from documents.formats.plain.pieces import Builder, Setter
from documents.formats.plain.txt import paragraphs

MOST_PARTS = 1_000
DEEPEST = 20
_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}")


class MailWalk:
    """Reads a mail part by part; what it writes is `mail`."""

    def __init__(self, message: Message, options: ReadOptions) -> None:
        self.builder = Builder(options.limits)
        self.removed: set[str] = set()
        self._options = options
        self._parts = 0
        self._attachments = 0
        self._mails = 0
        self.mail = self._mail(message, 0)
        self.builder.close()

    def _mail(self, message: Message, depth: int) -> Mail:
        mail = Mail()
        for name, text in fields_of(message):
            entry = [name, text]
            mail.fields.append(entry)
            self.builder.open(Role.FIELD)
            self.builder.add(f"{name}: ")
            self.builder.add(text, _field_setter(entry))
        self.builder.close()
        part = self._part(message, depth)
        mail.body = part if isinstance(part, Parts) else Parts("mixed", [part])
        return mail

    def _part(self, message: Message, depth: int) -> Part:
        self._parts += 1
        if self._parts > MOST_PARTS or depth > DEEPEST:
            raise TooLargeError("This mail has too many parts to be read.")
        kind = message.get_content_type()
        parts = message.get_payload() if message.is_multipart() else []
        inner = [part for part in parts if isinstance(part, Message)]
        if kind == "message/rfc822" and inner:
            return self._enclosed(inner[0], depth)
        if inner and message.get_content_maintype() == "multipart":
            return self._several(message.get_content_subtype(), inner, depth)
        if message.get_filename() is None and not _is_attached(message):
            if kind == "text/html":
                return self._page(_text_of(message))
            if kind == "text/plain" or message.get_content_maintype() == "multipart":
                return self._text(_text_of(message))
        return self._attachment(message)

    def _several(self, subtype: str, inner: Sequence[Message], depth: int) -> Parts:
        is_choice = subtype == "alternative"
        parts = Parts("alternative" if is_choice else "mixed")
        for number, part in enumerate(inner):
            if is_choice and number:
                self.builder.part("The same in another form")
            parts.parts.append(self._part(part, depth + 1))
        self.builder.part("")
        return parts

    def _enclosed(self, message: Message, depth: int) -> Enclosed:
        self._mails += 1
        self.builder.part(f"Enclosed mail {self._mails}")
        return Enclosed(self._mail(message, depth + 1))

    def _text(self, raw: str) -> Text:
        text = Text(source_from(raw))
        for start, end in paragraphs(text.source.text):
            put = _edit_setter(text, start, end)
            self.builder.block(Role.PARAGRAPH, text.source.text[start:end], put)
        return text

    def _page(self, raw: str) -> Page:
        root, removed = tree_of(source_from(raw).text)
        self.removed |= removed
        walk = Walk(root, self.builder)
        walk.body()
        walk.rest()
        return Page(root)

    def _attachment(self, message: Message) -> Attachment:
        self._attachments += 1
        name = meant(message.get_filename() or "") or "no name"
        kind = message.get_content_type()
        line = f"{name} ({kind})" if _TYPE.fullmatch(kind) else name
        payload = message.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        found = _kind_of(content, name)
        attachment = Attachment(line, f".{found}" if found else "", content)
        self.builder.part(f"Attachment {self._attachments}")
        self.builder.block(Role.FIELD, line, _line_setter(attachment))
        if found is not None:
            self._read(attachment, name)
        return attachment

    def _read(self, attachment: Attachment, name: str) -> None:
        """Read an attachment, if that can be done; else it is removed."""
        try:
            attachment.extracted = formats.read(attachment.content, name, self._options)
        except FormatError:
            return
        attachment.at = self.builder.adopt(attachment.extracted)


def _is_attached(message: Message) -> bool:
    return message.get_content_disposition() == "attachment"


def _kind_of(content: bytes, name: str) -> Kind | None:
    """Return an attachment's kind, None for one that is not read: a picture, a mail as a file."""
    try:
        kind = kind_of(content, name)
    except FormatError:
        return None
    return None if kind is Kind.EML else kind


def _text_of(message: Message) -> str:
    """Return a text part, in the encoding that it names where its bytes are no UTF."""
    payload = message.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    named = known_charset(message.get_content_charset() or "")
    try:
        text, encoding = decoded(content)
    except UndecodableError:
        encoding, text = "", ""
    if named and (encoding in {"", "cp1252"} or b"\x1b" in content):
        return bytes_as_text(content, named)
    return text if encoding else bytes_as_text(content, "cp1252")


def _field_setter(entry: list[str]) -> Setter:
    def put(new: str) -> None:
        entry[1] = new

    return put


def _edit_setter(text: Text, start: int, end: int) -> Setter:
    def put(new: str) -> None:
        text.edits.append((start, end, new))

    return put


def _line_setter(attachment: Attachment) -> Setter:
    def put(new: str) -> None:
        attachment.line = new

    return put
