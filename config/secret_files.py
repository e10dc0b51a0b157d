"""Settings that lie in files, as container platforms hand out secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PREFIX, _SUFFIX = "BLACKBAR_", "_FILE"
_OTHERS = ("DATABASE_URL", "REDIS_URL")


class SecretFileError(Exception):
    """Raised when a named file cannot be read; the message is a sentence for the operator."""


def with_files(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which NAME=<content of its file> stands for each NAME_FILE.

    White space around the content does not count. Raises SecretFileError, also when both are set:
    which of two secrets is meant must not be guessed.
    """
    known = dict(env)
    for written, path in env.items():
        name = written.removesuffix(_SUFFIX)
        if name == written or not (name.startswith(_PREFIX) or name in _OTHERS):
            continue
        if env.get(name):
            raise SecretFileError(f"Set either {name} or {written}, not both.")
        try:
            del known[written]
            known[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise SecretFileError(f"The file that {written} names cannot be read.") from exc
    return known
