"""`manage.py redact`: hide what is private in a text or a document, without a server."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import sandbox
from documents.formats.kinds import kind_of
from documents.formats.model import (
    Check,
    Extracted,
    FormatError,
    Hidden,
    Kind,
    Progress,
    ReadOptions,
)
from documents.formats.survivors import HiddenValues
from documents.layout import cut_at_blocks
from documents.limits import bounds, limits
from documents.pictures import default_bars, with_barcodes
from inference.engine.engine import Engine
from inference.engine.errors import InferenceError
from inference.engine.operating_points import BALANCED, NAMES
from inference.engine.spans import Span
from inference.output import standard_output

SCHEMA_VERSION = 1
# These are redacted as the texts they are.
_TEXTS = frozenset({Kind.TEXT, Kind.MARKDOWN, Kind.CSV, Kind.JSON})
_HELP = """Hide what is private: manage.py redact letter.txt, … | manage.py redact, or
manage.py redact contract.pdf -o clean.pdf. Options and output for texts are those of the opf
command of OpenAI Privacy Filter. A text is read and written as it is, line ends included; it must
be UTF-8. A document (PDF, DOCX, PPTX, XLSX, ODT, HTML, e-mail) is written in its own format, a
picture as a PNG with solid bars; both are opened again and searched, and if a hidden value is still
found, nothing is written. The JSON holds the private values. Needs neither database nor server."""


class Command(BaseCommand):
    """Hide what is private in a text."""

    help = _HELP
    # Neither database nor settings matter here.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the text, the detector and the form of the answer."""
        parser.add_argument("file", nargs="?", default="-", help="a file; - is standard input")
        parser.add_argument("-f", "--file", dest="named", metavar="FILE", help="the same")
        parser.add_argument("-o", "--output", metavar="FILE", help="write there; never in halves")
        parser.add_argument("--format", choices=("text", "json"), default="text")
        parser.add_argument(
            "--output-mode",
            choices=("typed", "redacted"),
            default="typed",
            help="<PRIVATE_PERSON> and the like, or <REDACTED> for all",
        )
        parser.add_argument(
            "--decode-mode",
            choices=("viterbi", "argmax"),
            default="viterbi",
            help="argmax takes each token's best label by itself, to compare",
        )
        parser.add_argument("--operating-point", choices=NAMES, default=BALANCED)
        parser.add_argument(
            "--checkpoint", default=settings.CHECKPOINT, help='"compact", a folder, or a hub name'
        )
        parser.add_argument(
            "--rasterise", action="store_true", help="of a PDF, write pictures of its pages"
        )
        parser.add_argument(
            "--password-file", metavar="FILE", help="first line: the password of an encrypted PDF"
        )
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
        parser.add_argument(
            "--without-rules", action="store_true", help="the model alone: no rules, no repeats"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, detect, write; nothing is written unless all of the text was looked at."""
        name = options["named"] or options["file"]
        content = _read(name)
        kind = document_kind(content, name)
        if kind is None:
            self._redact_text(_decoded(content), options)
        else:
            self._redact_document(content, name, options)

    def _redact_text(self, text: str, options: dict[str, Any]) -> None:
        _write_answer(text, _detect(text, options), options)

    def _redact_document(self, content: bytes, name: str, options: dict[str, Any]) -> None:
        if options["format"] == "text" and options["output"] is None and _is_terminal(sys.stdout):
            raise CommandError("Name the clean file: manage.py redact contract.pdf -o clean.pdf")
        read_options = ReadOptions(
            limits=limits(),
            password=_password(options["password_file"]),
            languages=settings.OCR_LANGUAGES,
            report=self._tell,
        )
        try:
            extracted = sandbox.read(content, name, read_options, bounds=bounds())
            spans = cut_at_blocks(_detect(extracted.text, options), extracted.blocks)
            spans = with_barcodes(spans, extracted.blocks, extracted.text)
            if options["format"] == "json":
                _write_answer(extracted.text, spans, options)
                return
            hidden = [
                Hidden(s.start, s.end, s.label, placeholder(s, options["output_mode"]))
                for s in spans
            ]
            bars = default_bars(extracted, hidden)
            cleaned = sandbox.write_clean(
                content,
                extracted,
                hidden,
                options=read_options,
                rasterise=options["rasterise"],
                bars=bars,
                bounds=bounds(),
            )
            values = HiddenValues(
                (extracted.text[s.start : s.end] for s in spans),
                redacted(extracted.text, spans, options["output_mode"]),
            )
            checks = sandbox.verify(
                cleaned.content,
                extracted.kind,
                values,
                options=read_options,
                bars=bars or (),
                bounds=bounds(),
            )
        except FormatError as exc:
            raise CommandError(str(exc)) from exc
        survivors = [place for check in checks for place in check.survivors]
        if survivors:
            raise CommandError(
                "A hidden value was still found in the clean file, so nothing is written: "
                + ", ".join(survivors[:20])
            )
        _write(cleaned.content, options["output"])
        self._summarise(extracted, spans, [*extracted.notes, *cleaned.removed], checks)

    def _summarise(
        self,
        extracted: Extracted,
        spans: Sequence[Span],
        sentences: Sequence[str],
        checks: Sequence[Check],
    ) -> None:
        for sentence in dict.fromkeys(sentences):
            self.stderr.write(sentence)
        looked_at = ", ".join(f"{check.looked_at} {check.name}" for check in checks)
        self.stderr.write(f"{len(spans)} places hidden. Opened again and searched: {looked_at}.")

    def _tell(self, progress: Progress) -> None:
        if _is_terminal(sys.stderr):
            place = f" {progress.done}/{progress.total}" if progress.total else ""
            self.stderr.write(f"\r{progress.stage}{place}   ", ending="")


def redacted(text: str, spans: Sequence[Span], mode: str) -> str:
    """Return the text with a placeholder in the place of each span."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], placeholder(span, mode)]
        end = span.end
    return "".join([*parts, text[end:]])


def placeholder(span: Span, mode: str) -> str:
    """Return what stands for a span, such as "<PRIVATE_PERSON>"."""
    return "<REDACTED>" if mode == "redacted" else f"<{span.label.upper()}>"


def report(text: str, spans: Sequence[Span], mode: str) -> dict[str, Any]:
    """Return what `opf --format json` prints; offsets are code points."""
    labels = ["redacted" if mode == "redacted" else span.label for span in spans]
    return {
        "schema_version": SCHEMA_VERSION,
        "summary": {
            "output_mode": mode,
            "span_count": len(spans),
            "by_label": dict(sorted(Counter(labels).items())),
            # opf decodes its tokens to a text of its own; here offsets are of the text itself.
            "decoded_mismatch": False,
        },
        "text": text,
        "detected_spans": [
            {
                "label": label,
                "start": span.start,
                "end": span.end,
                "text": text[span.start : span.end],
                "placeholder": placeholder(span, mode),
            }
            for label, span in zip(labels, spans, strict=True)
        ],
        "redacted_text": redacted(text, spans, mode),
    }


def _detect(text: str, options: dict[str, Any]) -> Sequence[Span]:
    """Return the private spans of a text, all of which was looked at. Raises CommandError."""
    try:
        engine = Engine.load(options["checkpoint"], os.cpu_count() or 1, device=options["device"])
        engine = replace(
            engine, decodes=options["decode_mode"], uses_rules=not options["without_rules"]
        )
        (detection,) = engine.detect([text], options["operating_point"])
    except InferenceError as exc:
        raise CommandError(str(exc)) from exc
    if detection.scanned_chars != len(text):
        raise CommandError("The detector did not see all of the text, so nothing is written.")
    return detection.spans


def _write_answer(text: str, spans: Sequence[Span], options: dict[str, Any]) -> None:
    answer = redacted(text, spans, options["output_mode"])
    if options["format"] == "json":
        listed = report(text, spans, options["output_mode"])
        answer = json.dumps(listed, ensure_ascii=False, indent=2) + "\n"
    _write(answer.encode("utf-8", "surrogatepass"), options["output"])


def document_kind(content: bytes, name: str) -> Kind | None:
    """Return the kind of a document that is more than its text; None for texts."""
    try:
        kind = kind_of(content, name)
    except FormatError as exc:
        if name == "-" or _is_text(content):  # a pipe carries text
            return None
        raise CommandError(str(exc)) from exc
    return None if kind in _TEXTS else kind


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _password(name: str | None) -> str:
    return _decoded(_read(name)).partition("\n")[0].rstrip("\r") if name else ""


def _read(name: str) -> bytes:
    # None where the shell closed it: `<&-`.
    if name == "-" and sys.stdin is None:
        raise CommandError("Standard input is closed. Name a file, or pipe a text in.")
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as exc:
        raise CommandError(f"{name} cannot be read: {exc.strerror or 'unknown reason'}.") from exc


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise CommandError(f"The text is not UTF-8 (byte {exc.start}).") from exc


def _write(content: bytes, name: str | None) -> None:
    if name is None:
        with standard_output():
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        return
    target = Path(name)
    half = target.with_name(f".{target.name}.part")
    try:
        try:
            half.write_bytes(content)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    except OSError as exc:
        reason = exc.strerror or "unknown reason"
        raise CommandError(f"{name} cannot be written: {reason}.") from exc
