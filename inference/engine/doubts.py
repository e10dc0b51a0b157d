"""Findings of the model that the text itself speaks against: each reason is one a person accepts.

Only what the model found is judged, and only by what stands beside it; rules and marks of people
are never doubted. The operating point high_recall keeps everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from inference.engine.spans import Span

# A text at least this long names somebody if it is about somebody. A Chinese character says more.
_TELLING_LENGTH = 300
_DENSE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_SURE = 0.7
_SURE_DATE = 0.9
_SURE_SMALL_NAME = 0.9
_CAPITALS_OF_A_HABIT = 3
_NAMES_SOMEBODY = frozenset(
    {
        "private_person",
        "private_address",
        "private_email",
        "private_phone",
        "account_number",
        "secret",
    }
)
# Legal forms and words that only firms carry; what they follow is a firm's name.
_FORM = (
    r"(?:GmbH|mbH|AG|KG|KGaA|OHG|UG|e\.\s?V\.|eG|SE|Ltd|Limited|LLC|L\.L\.C\.|LLP|Inc|Incorporated"
    r"|Corp|Corporation|PLC|plc|P\.L\.C\.|Pty|Pvt|S\.\s?A\.|SA|S\.\s?L\.(?:\s?U\.)?|SLU|SAS|S\.A\.S\."
    r"|SARL|EURL|SNC|S\.\s?r\.\s?l\.|S\.\s?p\.\s?A\.|SpA|Srl|B\.\s?V\.|N\.\s?V\.|AB|ApS|A/S|ASA|Oyj?"
    r"|[Ss]p\. z o\.\s?o\.|S\.A\.|a\.s\.|s\.r\.o\.|Kft|Zrt|Nyrt|d\.o\.o\.|Ltda|Lda|EIRELI"
    r"|A\.Ş\.|Α\.Ε\."
    r"|Insurance|Mortgage|Holdings?|Mutual|Associates|Industries|Technologies|Versicherung(?:en)?"
    r"|Assurances|Seguros|Assicurazioni)"
)
_FIRM_AFTER = re.compile(
    rf"[ \t,]{{0,3}}(?:{_FORM}(?!\w)"
    r"|(?:&|and|und|et|y|e)[ \t]{1,2}(?:Co|Sons|Partners?|Cie|Söhne)\b)"
)
_FIRM_AT_END = re.compile(rf"[ \t]{_FORM}\.?$")
# Headings of forms and tables, without those that are surnames as well.
_HEADING_WORDS = (
    "account holder amount balance description date total name names number no address phone "
    "email customer client employee employer signature title invoice payment due qty item type "
    "status reference ref order policy insured agent details notes comments suf suffix first last "
    "middle initial city zip country tax subtotal discount kontoinhaber betrag saldo datum kunde "
    "montant solde titulaire nom prénom importe titular cliente nombre apellidos fecha importo "
    "intestatario nome cognome valor bedrag naam klant kwota nazwisko imię"
)
_HEADINGS = frozenset(_HEADING_WORDS.split())
_LETTERS = re.compile(r"[^\W\d_]+")
_MASK_SIGNS = frozenset("Xx*#•")
_DIGEST = re.compile(r"(?:[0-9a-fA-F]{7,12}|[0-9a-fA-F]{32,128})")
_DIGEST_WORDS = re.compile(
    r"(?:md5|sha-?\d{1,3}|checksum|hash|digest|commit|revert|revision|prüfsumme|empreinte|somme de"
    r" contrôle|suma de (?:verificación|comprobación)|impronta|soma de verificação|controlesom|suma"
    r" kontrolna|контрольная сумма|хеш|校验值|校验和|ハッシュ値|체크섬)\W*(?:[\w-]+\W+){0,3}$",
    re.IGNORECASE,
)
_THING_WORDS = re.compile(
    r"(?:\bOMB|\bRFC|\bIEC|\bISO|\bDIN|\bEN"
    r"|article|part|item|model|version|build|artikel|artikelnummer|bestellnummer|référence"
    r"|art[íi]culo|articolo|артикул|货号|型号|品番|部品番号)"
    r"(?:[ \t.:#]|no\b|nr\b|num(?:ber|mer|éro|ero)?\b|n°|nº|of|de[rs]?|dieser|anleitung){0,6}$",
    re.IGNORECASE,
)
# Codes of books and wares stand before the number, with a few words between.
_CODE_WORDS = re.compile(
    r"\b(?:EAN|ISBN|ISSN|GTIN|UPC|SKU|ASIN|DOI)\b[^.;!?\n]{0,24}$", re.IGNORECASE
)
_STANDARD = re.compile(r"(?:IEC|ISO|DIN|EN|RFC|ISBN|ISSN|EAN)\b")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_.]*")
_BEFORE = 60


def without_doubtful(text: str, spans: Iterable[Span], beside: Sequence[Span] = ()) -> list[Span]:
    """Return the model's spans without those that the text itself speaks against.

    beside: what rules found in the same text; it may name somebody

    - a date, but for dates of birth, that is less than nearly certain, in a longer text in which
      nobody is named;
    - a name that a firm's legal form follows, or made of the headings of forms;
    - words in small letters that are less than nearly certain to be a name, in a text that writes
      capitals;
    - a "secret" that is a plain program word, masked already, or a checksum announced as one;
    - a number announced as that of an article, a book or a standard, or masked already.
    """
    has_capitals = sum(map(str.isupper, text)) >= _CAPITALS_OF_A_HABIT
    kept = [
        span
        for span in spans
        if not (_is_doubtful(text, span) or (has_capitals and _is_small(text, span)))
    ]
    # Short texts say too little to conclude from what they leave out.
    length = len(text) + len(_DENSE.findall(text[:_TELLING_LENGTH]))
    if length >= _TELLING_LENGTH and not _names_somebody([*kept, *beside]):
        kept = [s for s in kept if s.label != "private_date" or s.subtype or s.score >= _SURE_DATE]
    return kept


def _names_somebody(spans: Sequence[Span]) -> bool:
    return any(span.label in _NAMES_SOMEBODY and span.score >= _SURE for span in spans)


def _is_small(text: str, span: Span) -> bool:
    """Say whether a span is a doubtful name in small letters; handles have other signs too."""
    if span.label != "private_person" or span.subtype or span.score >= _SURE_SMALL_NAME:
        return False
    value = text[span.start : span.end]
    return value.islower() and all(c.isalpha() or c.isspace() for c in value)


def _is_doubtful(text: str, span: Span) -> bool:
    if span.subtype:  # words beside it say what it is
        return False
    value = text[span.start : span.end]
    before = text[max(0, span.start - _BEFORE) : span.start]
    if span.label == "private_person":
        following = text[span.end : span.end + 24]
        is_firm = _FIRM_AFTER.match(following) or _FIRM_AT_END.search(value)
        words = _LETTERS.findall(value.lower())
        return bool(is_firm) or (bool(words) and _HEADINGS.issuperset(words))
    if span.label == "secret":
        is_word = _IDENTIFIER.fullmatch(value) is not None and _is_plain(value)
        is_digest = _DIGEST.fullmatch(value) is not None and _DIGEST_WORDS.search(before)
        return is_word or _is_masked(value) or bool(is_digest)
    if span.label == "account_number":
        announced = _THING_WORDS.search(before) or _CODE_WORDS.search(before)
        return bool(announced or _STANDARD.match(value)) or _is_masked(value)
    return False


def _is_masked(value: str) -> bool:
    """Say whether somebody hid most of it before, as in XXX-XX-1234."""
    signs = [char for char in value if char.isalnum() or char in _MASK_SIGNS]
    return bool(signs) and 2 * sum(char in _MASK_SIGNS for char in signs) >= len(signs)


def _is_plain(word: str) -> bool:
    """Say whether a word is written as program words are: lower_case, or with __ around it."""
    return word.islower() or word.strip("_") == word.strip("_").lower()
