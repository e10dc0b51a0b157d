"""Numbers said digit by digit, beside the words that say what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.engine.folding import fold_words
from inference.engine.rules.finding import LIKELY, Finding, any_of, pattern

DIGIT_WORDS = {
    "0": ("zero", "oh", "null", "cero", "nul", "noll", "nolla"),
    "1": ("one", "eins", "un", "une", "uno", "um", "een", "ett"),
    "2": ("two", "zwei", "zwo", "deux", "dos", "due", "dois", "twee", "tva"),
    "3": ("three", "drei", "trois", "tres", "tre", "drie"),
    "4": ("four", "vier", "quatre", "cuatro", "quattro", "quatro", "fyra"),
    "5": ("five", "funf", "fuenf", "cinq", "cinco", "cinque", "vijf", "fem"),
    "6": ("six", "sechs", "seis", "sei", "zes", "sex"),
    "7": ("seven", "sieben", "sept", "siete", "sette", "sete", "zeven", "sju"),
    "8": ("eight", "acht", "huit", "ocho", "otto", "oito", "atta"),
    "9": ("nine", "neun", "neuf", "nueve", "nove", "negen", "nio"),
}
VALUE_OF = {word: digit for digit, words in DIGIT_WORDS.items() for word in words}
_ONE = any_of(tuple(VALUE_OF))
SPELLED = pattern(rf"\b(?:{_ONE}|\d)(?:[ ,.\-/\n]+(?:{_ONE}|\d))+\b", ignore_case=True)
PART = re.compile(r"[a-z]+|\d", re.IGNORECASE)
_REACH = 40
_FEWEST = 4
# What announces it: words, label, subtype, fewest and most digits.
_KINDS = tuple(
    (
        pattern(rf"\b{any_of(fold_words(*words))}\b[^.!?\n]{{0,16}}$", ignore_case=True),
        label,
        subtype,
        fewest,
        most,
    )
    for words, label, subtype, fewest, most in (
        (("ssn", "social security", "social security number"), "account_number", "SSN", 9, 9),
        (
            ("pin", "code", "otp", "passcode", "password", "passwort", "codigo", "codice"),
            "secret",
            "PIN",
            4,
            8,
        ),
        (
            (
                "phone",
                "call",
                "call me at",
                "mobile",
                "cell",
                "telephone",
                "telefon",
                "telefono",
                "téléphone",
                "telefone",
                "telefoon",
                "handy",
                "portable",
                "móvil",
                "fax",
                "number is",
                "nummer ist",
                "numéro est",
            ),
            "private_phone",
            "PHONE",
            7,
            15,
        ),
        (
            (
                "account",
                "account number",
                "routing number",
                "konto",
                "kontonummer",
                "compte",
                "cuenta",
                "conto",
                "conta",
                "rekening",
                "passport",
                "id number",
                "card number",
            ),
            "account_number",
            "BANK_ACCOUNT",
            6,
            20,
        ),
    )
)


def find_spelled_numbers(text: str) -> Iterator[Finding]:
    """Yield numbers in words that other words announce."""
    for match in SPELLED.finditer(text):
        parts = PART.findall(match.group())
        if len(parts) < _FEWEST or sum(part.isalpha() for part in parts) < _FEWEST:
            continue
        start, end = match.span()
        before = text[max(0, start - _REACH) : start]
        for words, label, subtype, fewest, most in _KINDS:
            if fewest <= len(parts) <= most and words.search(before):
                reason = "A number in words, after what says its kind."
                yield Finding(start, end, label, subtype, reason, LIKELY)
                break
