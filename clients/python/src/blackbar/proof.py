"""Proof of work, which a server may ask for where something is handed in without a key.

A number is looked for such that SHA-256 of "challenge:number" begins with as many zero bits as the
challenge says. It is looked for slice by slice, so that whoever waits can give up.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

HEADER = "Proof-Of-Work"
PATH = "/proof-of-work"
# About two minutes of one core. A server that asks for more is refused: it could ask for a day.
MOST_BITS = 26
_SLICE = 1 << 16


@dataclass(frozen=True, slots=True)
class Search:
    """The numbers from `first` on, a twentieth of a second of them."""

    challenge: str
    bits: int
    first: int = 0

    def run(self) -> bytes:
        """Return the proof, `challenge:number`; nothing if none of these numbers makes one."""
        begun = hashlib.sha256(f"{self.challenge}:".encode())
        least = 1 << (256 - self.bits)
        for number in range(self.first, self.first + _SLICE):
            tried = begun.copy()
            tried.update(b"%d" % number)
            if int.from_bytes(tried.digest(), "big") < least:
                return f"{self.challenge}:{number}".encode()
        return b""

    def after(self) -> Search:
        """Return the numbers behind these."""
        return Search(self.challenge, self.bits, self.first + _SLICE)
