"""Surrogates: realistic values of the same kind, script and format in the place of private ones.

The same value gets the same surrogate; a key makes that so from call to call. Telephone numbers,
links, addresses and cards come from ranges that are reserved for examples, where there are any.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable, Mapping

from anonymizer.operators.surrogates import dates, names, network, numbers, phones, places
from anonymizer.restore import stands_whole
from anonymizer.text import same_value
from inference.engine.spans import Span

Maker = Callable[[str, random.Random], str | None]
_TRIES = 24
_BY_SUBTYPE: Mapping[str, Maker] = {
    "IBAN": numbers.iban,
    "CREDIT_CARD": numbers.card,
    "SSN": numbers.social_security,
    "IP_ADDRESS": network.ip_address,
    "MAC_ADDRESS": network.mac_address,
    "USERNAME": names.username,
}
_BY_LABEL: Mapping[str, Maker] = {
    "private_person": names.person,
    "private_email": network.email,
    "private_phone": phones.phone,
    "private_address": places.address,
    "private_url": network.link,
    "account_number": numbers.same_shape,
    "secret": numbers.same_shape,
}


class Surrogates:
    """The surrogates of one text: each its own, none that the text holds already."""

    def __init__(self, text: str, secret: bytes, salt: int = 0) -> None:
        self._text, self._folded = text, text.casefold()
        self._secret, self._salt = secret, salt
        self._kept: dict[tuple[str, str], str] = {}
        self._given: dict[str, str] = {}  # folded surrogate: what it stands for
        self._spelt: set[str] = set()
        # One shift for all dates of all texts under a key: the days between them stay.
        self._shift_days = self._random("dates", "", 0).choice([-1, 1]) * self._random(
            "dates", "days", 0
        ).randint(30, 330)

    def value_for(self, span: Span) -> str | None:
        """Return what stands in a span's place, or None where nothing realistic is known.

        Another spelling of a value gets another spelling of its surrogate where case and gaps
        carry over; every spelling of a surrogate stands for one spelling of a value.
        """
        value = self._text[span.start : span.end]
        if not stands_whole(self._text, span.start, span.end):
            return None
        kind = span.subtype if span.subtype in _BY_SUBTYPE else span.label
        kept = self._kept.get((kind, value))
        if kept is not None:
            return kept
        for attempt in range(_TRIES):
            made = self._make(kind, value, attempt)
            if made is None:
                return None
            if self._is_free(made, value):
                self._kept[kind, value] = made
                self._given[made.casefold()] = same_value(value)
                self._spelt.add(made)
                return made
        return None

    def _make(self, kind: str, value: str, attempt: int) -> str | None:
        chance = self._random(kind, same_value(value), attempt)
        if kind == "private_date":
            return dates.shifted(value, self._shift_days + attempt * 7)
        maker = _BY_SUBTYPE.get(kind) or _BY_LABEL.get(kind)
        made = maker(value, chance) if maker else None
        return made if made and made == made.strip() else None

    def _is_free(self, made: str, value: str) -> bool:
        """Say whether a surrogate stands for nothing else, in this text or among the given."""
        folded, mine = made.casefold(), same_value(value)
        if folded in self._folded or made in self._spelt:
            return False
        return not any(
            folded in given or given in folded
            for given, owner in self._given.items()
            if owner != mine
        )

    def _random(self, kind: str, value: str, attempt: int) -> random.Random:
        message = f"{kind}\0{value}\0{attempt}\0{self._salt}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self._secret, b"blackbar surrogate\0" + message, hashlib.sha256)
        return random.Random(digest.digest())
