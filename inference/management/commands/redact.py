"""`manage.py redact`: hide what is private in a text, as a shell pipe, without a server."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.engine.engine import Engine
from inference.engine.errors import InferenceError
from inference.engine.operating_points import BALANCED, NAMES
from inference.engine.spans import Span

SCHEMA_VERSION = 1
_HELP = """Hide what is private in a text: manage.py redact letter.txt, or … | manage.py redact.
Options and output are those of the opf command of OpenAI Privacy Filter. The text is read and
written as it is, line ends included; it must be UTF-8. The JSON holds the private values. Needs
neither database nor server."""


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
        parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
        parser.add_argument(
            "--without-rules", action="store_true", help="the model alone: no rules, no repeats"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, detect, write; nothing is written unless all of the text was looked at."""
        text = _read(options["named"] or options["file"])
        try:
            engine = Engine.load(
                options["checkpoint"], os.cpu_count() or 1, device=options["device"]
            )
            engine = replace(
                engine, decodes=options["decode_mode"], uses_rules=not options["without_rules"]
            )
            (detection,) = engine.detect([text], options["operating_point"])
        except InferenceError as exc:
            raise CommandError(str(exc)) from exc
        if detection.scanned_chars != len(text):
            raise CommandError("The detector did not see all of the text, so nothing is written.")
        answer = redacted(text, detection.spans, options["output_mode"])
        if options["format"] == "json":
            listed = report(text, detection.spans, options["output_mode"])
            answer = json.dumps(listed, ensure_ascii=False, indent=2) + "\n"
        _write(answer, options["output"])


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


def _read(name: str) -> str:
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as exc:
        raise CommandError(f"{name} cannot be read: {exc.strerror or 'unknown reason'}.") from exc
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise CommandError(f"The text is not UTF-8 (byte {exc.start}).") from exc


def _write(answer: str, name: str | None) -> None:
    content = answer.encode("utf-8")
    try:
        if name is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
            return
        target = Path(name)
        half = target.with_name(f".{target.name}.part")
        try:
            half.write_bytes(content)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    except OSError as exc:
        if name is None:
            # What is left in the buffer would be tried again at the end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(exc, BrokenPipeError):  # the reader had enough
                return
        raise CommandError(
            f"{name or 'The output'} cannot be written: {exc.strerror or 'unknown reason'}."
        ) from exc
