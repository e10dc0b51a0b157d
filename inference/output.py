"""What a command prints, whatever the shell made of its standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError


@contextmanager
def standard_output() -> Iterator[None]:
    """Write a command's answer to standard output and flush it; who reads no more is no error.

    Raises CommandError where it is closed (`>&-`) or cannot be written.
    """
    if sys.stdout is None:
        raise CommandError("Standard output is closed, so nothing can be written there.")
    try:
        yield
    except OSError as exc:
        # What is left in the buffer would be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(exc, BrokenPipeError):
            reason = exc.strerror or "unknown reason"
            raise CommandError(f"The output cannot be written: {reason}.") from exc
