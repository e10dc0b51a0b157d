"""Identity numbers: telling forms with a checksum, weaker ones only beside their words."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from inference.engine.folding import fold_words
from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, any_of, pattern
from inference.engine.rules.id_kinds import KINDS, IdKind

# What may stand between the words and the number.
_FILLER = (
    r"(?:[ \t:：#=*\"'|()_º°№.,\-]|\b(?:is|no|nr|n|number|num|numero|nummer|code|card|id|of|for|ist"
    r"|est|es|e|er|ar|on|jest|to|was|lautet|the|my|his|her|und|y|and)\b"
    r"|ειναι|为|是|は|が|番号|번호|는|은|号码|號碼|号|है|номер|הוא|هو|هي){0,10}\n?[ \t]{0,8}"
)
_MRZ = pattern(r"[PIACV][A-Z<][A-Z]{3}[A-Z<]{25,39}[ \t]*\r?\n[A-Z0-9<]{28,44}")
_REACH = 80  # characters after the words in which the number must begin and end
_JOINTS = frozenset("-./:_")


def find_national_ids(text: str) -> Iterator[Finding]:
    """Yield identity, tax, passport and licence numbers."""
    if any(map(str.isdigit, text)):
        yield from _telling_forms(text)
        yield from _announced(text)
    for match in _MRZ.finditer(text):
        yield Finding(
            match.start(),
            match.end(),
            "account_number",
            "PASSPORT",
            "The machine-readable lines of a travel document.",
        )


def _telling_forms(text: str) -> Iterator[Finding]:
    for kind, form in _alone():
        for match in form.finditer(text):
            start, end = match.span()
            if _is_part_of_more(text, start, end):
                continue
            valid = _is_valid(kind, match.group())
            if valid or kind.lax:
                reason = f"Has the form of this kind of number: {kind.name}."
                if valid and kind.check:
                    reason = (
                        f"Has the form and a valid checksum of this kind of number: {kind.name}."
                    )
                score = CERTAIN if valid else LIKELY
                yield Finding(start, end, "account_number", kind.subtype, reason, score)


def _announced(text: str) -> Iterator[Finding]:
    any_words, kinds = _announcements()
    for match in any_words.finditer(text):
        if _is_inside_word(text, match.start(), match.end()):
            continue
        following = text[match.end() : match.end() + _REACH]
        for kind, follows in kinds[match.group().lower()]:
            number = follows.match(following)
            if number is None:
                continue
            start, end = number.span(1)
            value = following[start:end].rstrip(" -./")
            is_cut = following[end : end + 1].isascii() and following[end : end + 1].isalnum()
            if is_cut or sum(map(str.isdigit, value)) < 4:
                continue
            start += match.end()
            score = CERTAIN if kind.check and _is_valid(kind, value) else LIKELY
            reason = f"Follows the words for this kind of number: {kind.name}."
            yield Finding(start, start + len(value), "account_number", kind.subtype, reason, score)
            break


def _is_inside_word(text: str, start: int, end: int) -> bool:
    """Say whether Latin letters or digits go on at either side, as in "disinfect"."""
    first, last = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return any(len(pair) == 2 and pair.isascii() and pair.isalnum() for pair in (first, last))


def _is_part_of_more(text: str, start: int, end: int) -> bool:
    """Say whether a longer number or code goes on at either side."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined = before[-1:] in _JOINTS and len(before) == 2
    if joined and (before[0].isdigit() or (before[1] != ":" and before[0].isalnum())):
        return True
    return bool(after and after[0] in _JOINTS and after[1:].isalnum())


def _is_valid(kind: IdKind, value: str) -> bool:
    return not kind.check or bool(_validator(kind.check)(value))


@cache
def _validator(module: str) -> Callable[[str], bool]:
    validate: Callable[[str], bool] = importlib.import_module(f"stdnum.{module}").is_valid
    return validate


@cache
def _alone() -> tuple[tuple[IdKind, Any], ...]:
    return tuple(
        (kind, pattern(rf"\b(?:{kind.alone})" + ("" if kind.alone.endswith(")") else r"\b")))
        for kind in KINDS
        if kind.alone
    )


@cache
def _announcements() -> tuple[Any, dict[str, list[tuple[IdKind, Any]]]]:
    """Return a pattern for any announcing words, and the kinds each of them announces."""
    kinds: dict[str, list[tuple[IdKind, Any]]] = {}
    for kind in KINDS:
        follows = pattern(rf"(?i:{_FILLER})((?i:{kind.shape or kind.alone}))")
        for word in fold_words(*filter(None, kind.words.split("|"))):
            kinds.setdefault(word.lower(), []).append((kind, follows))
    return pattern(any_of(tuple(kinds)), ignore_case=True), kinds
