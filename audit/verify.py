"""Whether a record is whole: each line follows from the one before, and the head is signed.

Whoever can write to the database can change, remove or insert lines, and compute digests anew, but
cannot sign: what they wrote does not verify. Whoever puts an older copy of the whole database back
is found by a head that was noted elsewhere (`Noted`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from audit.models import Chain, Line
from audit.record import FIRST_DIGEST, digest_of, is_signed

# So many lines are in memory at once.
ROWS_AT_ONCE = 2_000
_UNSIGNED = (
    "The head was not signed by this server: the lines may have been written anew from anywhere on."
)
# So many faults of one record are told.
MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record. number: of the line concerned; None for the head."""

    number: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Noted:
    """The end of a record as somebody noted it: its length, and the begin of its digest in hex."""

    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a check.

    length:    lines that the head speaks of
    head:      digest of the last of them, in hex
    is_signed: whether this server signed the head
    """

    workspace: str
    length: int
    head: str
    faults: tuple[Fault, ...]
    is_signed: bool = True

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.faults


def records() -> Iterator[str]:
    """Yield the workspaces that have a record, or remains of one."""
    yield from Chain.objects.order_by("pk").values_list("pk", flat=True).iterator()
    head = Chain.objects.filter(pk=OuterRef("workspace"))
    remains = Line.objects.filter(~Exists(head)).values_list("workspace", flat=True)
    yield from remains.order_by("workspace").distinct()


def verify(workspace: str, noted: Noted | None = None) -> Verdict:
    """Check all lines of a record and its head, in constant memory."""
    chain = Chain.objects.filter(pk=workspace).first()
    if chain is None:
        sentence = "The head is missing: somebody removed it, or all of the record."
        gone = (Fault(None, sentence),) if noted or _has_lines(workspace) else ()
        return Verdict(workspace, 0, FIRST_DIGEST.hex(), gone)
    walk = _Walk(workspace)
    while True:
        walk.to(chain.length, noted)
        # Lines that were added meanwhile moved the head along.
        later = Chain.objects.get(pk=workspace)
        extra = Line.objects.filter(workspace=workspace, number__gt=later.length).exists()
        if later.length == chain.length and not (extra and _has_grown(later)):
            break
        chain = later
    if extra:
        walk.fault(later.length + 1, f"Line {later.length + 1} was inserted behind the signed end.")
    walk.end(later, noted)
    head = bytes(later.head).hex()
    return Verdict(workspace, later.length, head, tuple(walk.faults), is_signed(later))


def head_fault(chain: Chain) -> Fault | None:
    """Return what is wrong with the head and its last line; cheap."""
    last = Line.objects.filter(workspace=chain.workspace).order_by("-number").first()
    digest = bytes(last.digest) if last is not None else FIRST_DIGEST
    number = last.number if last is not None else 0
    if not is_signed(chain):
        return Fault(None, "The head was not signed by this server.")
    if number < chain.length:
        return Fault(number + 1, _cut(number, chain.length))
    if number > chain.length:
        return Fault(chain.length + 1, f"Line {chain.length + 1} was inserted behind the end.")
    if digest != bytes(chain.head):
        return Fault(number, f"Line {number} is not the one that the head was signed for.")
    return None


def broken_among(lines: Sequence[Line]) -> Fault | None:
    """Return the first of some lines of one record that does not follow from the one before it."""
    if not lines:
        return None
    wanted = [line.number - 1 for line in lines]
    before = dict(
        Line.objects.filter(workspace=lines[0].workspace, number__in=wanted).values_list(
            "number", "digest"
        )
    )
    for line in sorted(lines, key=lambda one: one.number):
        digest = before.get(line.number - 1, FIRST_DIGEST if line.number == 1 else None)
        if digest is None:
            return Fault(line.number - 1, f"Line {line.number - 1} was removed.")
        if digest_of(line, bytes(digest)) != bytes(line.digest):
            return Fault(line.number, f"Line {line.number} was changed.")
    return None


class _Walk:
    """The way along a record's lines, and what was found wrong on it."""

    def __init__(self, workspace: str) -> None:
        self._workspace = workspace
        self.faults: list[Fault] = []
        # The last line that was looked at, and the digests that stand there and one before.
        self._number, self._digest, self._former = 0, FIRST_DIGEST, FIRST_DIGEST
        self._is_sound = True

    def fault(self, number: int | None, sentence: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(number, sentence))

    def to(self, length: int, noted: Noted | None) -> None:
        """Look at the lines up to a number."""
        for line in _lines(self._workspace, self._number, length):
            if line.number > self._number + 1:
                self._gap(line.number)
            self._look(line)
            if noted is not None and line.number == noted.length:
                self._compare(noted)
        if self._number < length:
            self.fault(self._number + 1, _cut(self._number, length))
            self._number, self._digest = length, b""

    def end(self, chain: Chain, noted: Noted | None) -> None:
        """Compare what was found with the head."""
        if not is_signed(chain):
            self.fault(None, _UNSIGNED)
        if self._digest and self._digest != bytes(chain.head):
            self.fault(
                chain.length,
                f"Line {chain.length} is not the one that the head was signed for: "
                "it, or lines before it, were written anew.",
            )
        if noted is not None and noted.length > chain.length:
            self.fault(chain.length + 1, _cut(chain.length, noted.length))

    def _gap(self, number: int) -> None:
        first, last = self._number + 1, number - 1
        lines = f"Line {first} was" if first == last else f"Lines {first} to {last} were"
        self.fault(first, f"{lines} removed.")
        self._digest, self._is_sound = b"", False

    def _look(self, line: Line) -> None:
        stored = bytes(line.digest)
        if self._digest and digest_of(line, self._digest) != stored:
            self._blame(line, stored)
        else:
            self._is_sound = True
        self._number, self._former, self._digest = line.number, self._digest, stored

    def _blame(self, line: Line, stored: bytes) -> None:
        number = line.number
        line.number = number - 1
        follows_without = digest_of(line, self._former) == stored if self._former else False
        line.number = number
        if follows_without:
            self.fault(number - 1, f"Line {number - 1} was inserted.")
        elif self._is_sound:
            self.fault(number, f"Line {number} was changed, or does not follow line {number - 1}.")
        else:
            self.fault(number, f"Line {number} was changed, too.")
        self._is_sound = False

    def _compare(self, noted: Noted) -> None:
        if not self._digest.hex().startswith(noted.digest.lower()):
            sentence = f"Line {noted.length} is not the one that was noted."
            self.fault(noted.length, sentence)


def _lines(workspace: str, after: int, until: int) -> Iterable[Line]:
    while True:
        ahead = Line.objects.filter(workspace=workspace, number__gt=after, number__lte=until)
        rows = list(ahead.order_by("number")[:ROWS_AT_ONCE])
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1].number


def _has_lines(workspace: str) -> bool:
    return Line.objects.filter(workspace=workspace).exists()


def _has_grown(chain: Chain) -> bool:
    """Say whether a record has grown since its head was read."""
    return Chain.objects.values_list("length", flat=True).get(pk=chain.pk) != chain.length


def _cut(number: int, length: int) -> str:
    missing = f"line {length} is" if length == number + 1 else f"lines {number + 1} to {length} are"
    return f"The end was cut off: {missing} missing."
