"""Payment cards: known issuer, right length, Luhn checksum; also spaced, spelled or disguised."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, pairwise

from inference.engine.folding import fold_words
from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, any_of, pattern, stands_before
from inference.engine.rules.spelled import PART, SPELLED, VALUE_OF

# Letters that pass for digits stand only between digits, so ordinary words cost nothing.
_RUN = re.compile(r"(?<![A-Za-z0-9_+])[0-9][0-9OoIl|]*(?:[ .\-]{1,2}[0-9OoIl|]+)*")
_GROUP = re.compile(r"[0-9OoIl|]+")
_LOOKALIKES = str.maketrans("OoIl|", "00111")
_WORDS = pattern(
    any_of(
        fold_words(
            "card",
            "visa",
            "mastercard",
            "amex",
            "american express",
            "maestro",
            "discover",
            "diners",
            "credit",
            "debit",
            "karte",
            "carte",
            "tarjeta",
            "cartao",
            "carta",
            "kaart",
            "karta",
            "karty",
            "kort",
            "kortti",
            "kartya",
            "kart",
            "карт",
            "κάρτα",
            "κάρτας",
            "卡",
            "カード",
            "카드",
            "कार्ड",
            "بطاقة",
            "כרטיס",
            "บัตร",
        )
    ),
    ignore_case=True,
)
_FORMS = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (8, 8), (4, 4, 4, 1), (6, 10)}
_CODE = pattern(
    r"\b(?:cvv2?|cvc2?|cv2|card (?:security|verification) code)\b\W{0,6}"
    r"(?:(?:is|number|code|no|nr)\b\W{0,4}){0,2}(\d{3,4})\b",
    ignore_case=True,
)


def find_cards(text: str) -> Iterator[Finding]:
    """Yield payment card numbers and their security codes."""
    for run in _RUN.finditer(text):
        if run.end() - run.start() >= 12:
            yield from _cards_in_run(text, run.start(), run.end())
    for match in _CODE.finditer(text):
        yield Finding(
            match.start(1),
            match.end(1),
            "account_number",
            "CVV",
            "Follows the words for a card's security code.",
            LIKELY,
        )
    for match in SPELLED.finditer(text):
        parts = PART.findall(match.group().lower())
        if 12 <= len(parts) <= 19 and any(part.isalpha() for part in parts):
            digits = "".join(VALUE_OF.get(part, part) for part in parts)
            if digits.isdigit() and len(digits) in card_lengths(digits[:4]) and luhn(digits):
                yield Finding(
                    match.start(),
                    match.end(),
                    "account_number",
                    "CREDIT_CARD",
                    "Spelled digits that form a payment card number with a valid checksum.",
                )


def _cards_in_run(text: str, start: int, end: int) -> Iterator[Finding]:
    """Yield the cards in a run of digit groups; the sums make each check a constant cost."""
    groups = [(m.start(), m.end()) for m in _GROUP.finditer(text, start, end)]
    digits = "".join(text[first:last] for first, last in groups).translate(_LOOKALIKES)
    plain = [int(digit) for digit in digits]
    doubled = [2 * value - 9 * (value > 4) for value in plain]
    pairs = list(zip(plain, doubled, strict=True))
    sums = (
        [0, *accumulate(pair[index % 2] for index, pair in enumerate(pairs))],
        [0, *accumulate(pair[1 - index % 2] for index, pair in enumerate(pairs))],
    )
    edges = [0, *accumulate(last - first for first, last in groups)]
    index = 0
    while index < len(groups):
        found = _card_at(text, groups, digits, sums, edges, index)
        if found is None:
            index += 1
            continue
        stop, finding = found
        yield finding
        index = stop


def _card_at(
    text: str,
    groups: list[tuple[int, int]],
    digits: str,
    sums: tuple[list[int], list[int]],
    edges: list[int],
    index: int,
) -> tuple[int, Finding] | None:
    """Return the longest card that starts with group `index`, and the group after it."""
    first = edges[index]
    for size in card_lengths(digits[first : first + 4]):
        last = first + size
        stop = bisect_left(edges, last, index + 1)
        if stop == len(edges) or edges[stop] != last:
            continue
        # Doubled are the digits at odd distance from the last one.
        row = sums[(last - 1) % 2]
        valid = (row[last] - row[first]) % 10 == 0
        start, end = groups[index][0], groups[stop - 1][1]
        score = _confidence(text, groups[index:stop], size, valid)
        if score and not text[end : end + 1].isalnum():
            reason = (
                "A payment card number with a valid checksum."
                if valid
                else "Written like a payment card number, beside a word for one."
            )
            return stop, Finding(start, end, "account_number", "CREDIT_CARD", reason, score)
    return None


def _confidence(text: str, groups: list[tuple[int, int]], length: int, valid: bool) -> float:
    """Return a score, or 0 where nothing but chance speaks for a card."""
    if not valid and len(groups) > 5:
        return 0.0
    sizes = tuple(last - first for first, last in groups)
    separators = {text[a[1] : b[0]] for a, b in pairwise(groups)}
    usual = len(separators) <= 1 and (
        sizes in _FORMS or set(sizes) == {1} or (len(sizes) > 2 and set(sizes[:-1]) == {2})
    )
    whole = len(sizes) == 1 and length in {15, 16}
    if valid and (whole or usual):
        return CERTAIN
    if (valid or (usual and length >= 15 and set(sizes) != {1})) and stands_before(
        _WORDS, text, groups[0][0], 50
    ):
        return LIKELY
    if not valid and len(sizes) == 1 and length >= 14:
        return LIKELY if stands_before(_WORDS, text, groups[0][0], 25) else 0.0
    return 0.0


@cache
def card_lengths(prefix: str) -> tuple[int, ...]:
    """Return how many digits a card has whose first four these are, most first."""
    return tuple(size for size in range(19, 11, -1) if len(prefix) == 4 and _issued(prefix, size))


def _issued(prefix: str, size: int) -> bool:
    two, three, four = int(prefix[:2]), int(prefix[:3]), int(prefix)
    if prefix[0] == "4":
        return size in {13, 16, 19}
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return size == 16
    if two in {34, 37}:
        return size == 15
    if two in {36, 38, 39} or 300 <= three <= 305:
        return size in {14, 16}
    if 3528 <= four <= 3589:
        return 16 <= size <= 19
    if four in {1800, 2131}:
        return size == 15
    if four == 6011 or two == 65 or 644 <= three <= 649 or two in {60, 62, 81}:
        return 16 <= size <= 19
    if 2200 <= four <= 2204 or four == 9792:
        return size == 16
    return (two == 50 or 56 <= two <= 69) and 12 <= size <= 19


def luhn(digits: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0
