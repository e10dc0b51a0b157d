"""The command `blackbar`: redact and restore texts and files from a shell.

It ends with 0 when all is done, 1 when the server says no, 2 for wrong usage or settings, 3 when
the server is not reached or not done in time, 4 when a file cannot be read or written, and as
other commands do when interrupted (130) or when nobody reads its output (141).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from blackbar.client import Client
from blackbar.document import Document
from blackbar.documents import UploadOptions
from blackbar.errors import BlackbarError, ConfigurationError, DeadlineError, TransportError
from blackbar.files import PRIVATE, SHARED, as_text, written
from blackbar.maps import load_map, save_map
from blackbar.steps import encoded
from blackbar.texts import Options, Redacted

DONE, REFUSED, USAGE, UNREACHED, FILES, INTERRUPTED, UNREAD = 0, 1, 2, 3, 4, 130, 141
STDIN = "-"
_OPERATORS = ("replace", "mask", "tag", "category", "hash", "surrogate", "keep")
_TEXT_OPTIONS = ("operator", "operators", "naming", "numbering", "mask_length", "operating_point")
_FILE_OPTIONS = ("operating_point", "style", "rasterise")


def run() -> NoReturn:
    """Run the command and end the process."""
    status = main(sys.argv[1:])
    if status == INTERRUPTED and os.name == "posix":
        # So that a shell's loop ends too.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    sys.exit(status)


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status; errors are told on standard error."""
    asked = _parser().parse_args(arguments)
    try:
        status: int = asked.act(asked)
        _flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python would complain once more when it closes the stream.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return UNREAD
    except ConfigurationError as exc:
        return _complain(str(exc), USAGE)
    except (TransportError, DeadlineError) as exc:
        return _complain(str(exc), UNREACHED)
    except BlackbarError as exc:
        return _complain(str(exc), REFUSED)
    except OSError as exc:
        name = f"{exc.filename}: " if exc.filename is not None else ""
        return _complain(f"{name}{exc.strerror or type(exc).__name__}", FILES)
    return status


def redact(asked: argparse.Namespace) -> int:
    """Redact each input: texts to standard output, files to -o."""
    names: list[str] = asked.files or [STDIN]
    _check_redact(asked, names)
    with _client(asked) as client:
        for name in names:
            content, target = _read(name), _target(asked.output, name, many=len(names) > 1)
            text = None if asked.as_ == "file" else as_text(content, name)
            if asked.as_ == "text" and text is None:
                text = _decoded(content)
            if text is None:
                _redact_file(client, asked, name, content, target)
            else:
                _redact_text(client, asked, text, target)
    return DONE


def restore(asked: argparse.Namespace) -> int:
    """Put originals back into a text."""
    originals = load_map(asked.map)
    text = _decoded(_read(asked.file))
    with _client(asked) as client:
        restored = client.restore(text, originals)
    if asked.json:
        _write(encoded(asdict(restored)) + b"\n", asked.output, PRIVATE)
    else:
        _write(restored.text.encode("utf-8", "surrogatepass"), asked.output, PRIVATE)
    return DONE


def serve_mcp(asked: argparse.Namespace) -> int:
    """Serve a language model's host over standard input and output."""
    try:
        from blackbar.mcp_server import Settings, serve
    except ModuleNotFoundError as exc:
        if exc.name is not None and exc.name.partition(".")[0] == "blackbar":
            raise
        raise ConfigurationError("This needs: pip install 'blackbar-client[mcp]'") from None
    settings = Settings(
        url=asked.url,
        allow_http=asked.allow_http,
        roots=tuple(asked.root),
        restore_folder=asked.restore_folder,
        reveals=asked.reveal,
        most_handles=asked.handles,
        handle_seconds=60.0 * asked.handle_minutes,
    )
    serve(settings)
    return DONE


def _redact_text(client: Client, asked: argparse.Namespace, text: str, target: str | None) -> None:
    options = cast(Options, _given(asked, _TEXT_OPTIONS))
    if asked.hash_key_file is not None:
        options["hash_key"] = _decoded(asked.hash_key_file.read_bytes()).strip()
    redacted = client.redact(text, timeout=asked.timeout, **options)
    if asked.map is not None:
        save_map(asked.map, redacted)
    told = encoded(_without_originals(redacted)) + b"\n"
    _write(told if asked.json else redacted.text.encode("utf-8", "surrogatepass"), target, SHARED)


def _redact_file(
    client: Client, asked: argparse.Namespace, name: str, content: bytes, target: str | None
) -> None:
    if target is None:
        raise ConfigurationError("This is no plain text. Say with -o where the clean file goes.")
    if asked.map is not None:
        raise ConfigurationError("There is no map of a file, only of a text.")
    options = cast(UploadOptions, _given(asked, _FILE_OPTIONS))
    if asked.password_file is not None:
        options["password"] = _decoded(asked.password_file.read_bytes()).rstrip("\r\n")
    out: Path | BinaryIO = _stdout() if target == STDIN else Path(target)
    source = "file" if name == STDIN else Path(name).name
    done = client.redact_file(content, out, name=source, timeout=asked.timeout, **options)
    if asked.json and target != STDIN:
        _write(encoded(_as_json(done)) + b"\n", None, SHARED)


def _check_redact(asked: argparse.Namespace, names: list[str]) -> None:
    """Refuse what cannot go well before anything is sent. Raises ConfigurationError."""
    if len(names) == 1:
        if asked.output not in {None, STDIN} and _is_same(names[0], asked.output):
            raise ConfigurationError("The clean file would replace its original. Name another.")
        return
    if asked.map is not None:
        raise ConfigurationError("A map is of one text. Redact one file at a time.")
    if asked.output is None:
        return
    if not Path(asked.output).is_dir():
        raise ConfigurationError("With several files, -o names a folder that exists.")
    if len({Path(name).name for name in names}) < len(names):
        raise ConfigurationError("Two of the files have the same name.")
    if any(_is_same(name, _target(asked.output, name, many=True)) for name in names):
        raise ConfigurationError("The clean files would replace their originals.")


def _target(output: str | None, name: str, *, many: bool) -> str | None:
    if output is None or not many:
        return output
    return str(Path(output) / ("stdin" if name == STDIN else Path(name).name))


def _is_same(name: str, target: str | None) -> bool:
    try:
        return target is not None and name != STDIN and os.path.samefile(name, target)
    except OSError:
        return False


def _given(asked: argparse.Namespace, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}


def _without_originals(redacted: Redacted) -> dict[str, Any]:
    told = asdict(redacted)
    told.pop("id")
    for entity in told["entities"]:
        del entity["original"]
    return {"redacted_text": told.pop("text"), **told}


def _as_json(document: Document) -> dict[str, Any]:
    clean = document.clean
    return {
        "kind": document.kind,
        "pages": document.pages,
        "counts": dict(document.counts),
        "notes": list(document.notes),
        "certificate": dict(clean.certificate) if clean and clean.certificate else None,
    }


def _client(asked: argparse.Namespace) -> Client:
    return Client(asked.url, allow_http=asked.allow_http)


def _read(name: str) -> bytes:
    if name != STDIN:
        return Path(name).read_bytes()
    if sys.stdin is None:
        raise ConfigurationError("There is nothing to read: standard input is closed.")
    return sys.stdin.buffer.read()


def _decoded(content: bytes) -> str:
    text = None
    with contextlib.suppress(UnicodeDecodeError):
        text = content.decode()
    if text is None:
        # Not in the handler: the codec's error holds the content.
        raise ConfigurationError("This is no text in UTF-8.")
    return text


def _write(content: bytes, target: str | None, mode: int) -> None:
    if target is None or target == STDIN:
        _stdout().write(content)
        _flush()
        return
    with written(Path(target), mode) as out:
        out.write(content)


def _stdout() -> BinaryIO:
    if sys.stdout is None:
        raise ConfigurationError("There is nowhere to write: standard output is closed.")
    return cast(BinaryIO, sys.stdout.buffer)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _complain(sentence: str, status: int) -> int:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"blackbar: {sentence}", file=sys.stderr)
    return status


def _operators(written_: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in written_.split(",") if part]
    if not pairs or any(operator not in _OPERATORS or not name for name, _, operator in pairs):
        raise argparse.ArgumentTypeError("expected NAME=OPERATOR,NAME=OPERATOR")
    return {name.strip(): operator for name, _, operator in pairs}


def _mask_length(written_: str) -> int | str:
    return "value" if written_ == "value" else int(written_)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="blackbar",
        description="Redact texts and files with a Blackbar server.",
        epilog="BLACKBAR_URL names the server, BLACKBAR_API_KEY holds the key. "
        "Exit status: 0 done, 1 the server says no, 2 wrong usage, 3 not reached or not in time, "
        "4 a file cannot be read or written.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_redact(commands.add_parser("redact", help="hide what is private"))
    _add_restore(commands.add_parser("restore", help="put originals back into a text"))
    _add_mcp(commands.add_parser("mcp", help="serve a language model's host (MCP over stdio)"))
    return parser


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="the server, instead of BLACKBAR_URL")
    parser.add_argument("--allow-http", action="store_true", help="send texts without TLS")


def _add_redact(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help="standard input if none is named, or -")
    add("-o", "--output", metavar="PATH", help="where it goes; a folder for several files")
    add("--as", dest="as_", choices=("auto", "text", "file"), default="auto", help="what it is")
    add("--operator", choices=_OPERATORS, help="how values are hidden (replace)")
    add("--operators", type=_operators, metavar="NAME=OPERATOR,...", help="others by label")
    add("--naming", choices=("fine", "plain", "label"), help="types in placeholders (fine)")
    add("--numbering", choices=("type", "all"), help="what is counted together (type)")
    add("--mask-length", type=_mask_length, metavar="N", help='signs of a mask (5), or "value"')
    add("--hash-key-file", type=Path, metavar="FILE", help="holds the key of hashes, surrogates")
    points = ("balanced", "high_recall", "high_precision")
    add("--operating-point", choices=points, help="how much is hidden (balanced)")
    add("--style", choices=("placeholder", "numbered", "mask"), help="of files (placeholder)")
    add("--rasterise", action="store_true", default=None, help="make pictures of a PDF's pages")
    add("--password-file", type=Path, metavar="FILE", help="holds the password of a PDF")
    add("--map", type=Path, metavar="FILE", help="keep the originals here, for restore")
    add("--json", action="store_true", help="tell what was hidden where, without originals")
    add("--timeout", type=float, default=600.0, metavar="SECONDS", help="for each file (600)")
    _add_server(parser)
    parser.set_defaults(act=redact)


def _add_restore(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", nargs="?", default=STDIN, metavar="FILE", help="standard input if not named")
    add("--map", type=Path, required=True, metavar="FILE", help="what redact --map wrote")
    add("-o", "--output", metavar="PATH", help="where it goes, readable for you alone")
    add("--json", action="store_true", help="tell what was restored and what is missing")
    _add_server(parser)
    parser.set_defaults(act=restore)


def _add_mcp(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--root", type=Path, action="append", default=[], metavar="FOLDER",
        help="let the model name files below this folder; may be repeated")  # fmt: skip
    add("--restore-folder", type=Path, metavar="FOLDER",
        help="where restored texts go; outside of what the model can read")  # fmt: skip
    add("--reveal", action="store_true", help="let restore give originals to the model")
    add("--handles", type=int, default=100, metavar="N", help="redactions remembered (100)")
    add("--handle-minutes", type=float, default=60.0, metavar="N", help="for how long (60)")
    _add_server(parser)
    parser.set_defaults(act=serve_mcp)
