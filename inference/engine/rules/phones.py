"""Telephone numbers: international form, national forms that nothing else has, or beside words."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers

from inference.engine.folding import fold_words
from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, any_of, pattern

_EXTENSION = r"(?:[ ,;]{0,3}(?:ext\.?|extension|x|durchwahl|poste)[ .:]{0,2}\d{1,6}\b)?"
_INTERNATIONAL = pattern(
    r"(?:\+|\b00)[ ]?[1-9]\d{0,2}(?:[ .\-/]{0,2}\(0?\)?\d{0,5}\)?)?(?:[ .\-/]{0,2}\d{1,8}){1,7}"
    + _EXTENSION,
    ignore_case=True,
)
_NORTH_AMERICAN = pattern(
    r"(?:\b1[ .\-]?)?(?:\([2-9]\d{2}\)[ ]?|\b[2-9]\d{2}[\-. ])[2-9]\d{2}[\-.]\d{4}\b" + _EXTENSION,
    ignore_case=True,
)
_FRENCH = pattern(r"\b0[1-9](?:(?: \d{2}){4}|(?:\.\d{2}){4})\b")
# National forms that hardly anything else has; the country checks them.
_NATIONAL = (
    ("a Japanese", "JP", pattern(r"\b0[5789]0-\d{4}-\d{4}\b")),
    ("a Korean", "KR", pattern(r"\b01[016789]-\d{3,4}-\d{4}\b")),
    ("a German", "DE", pattern(r"\b01[5-7]\d[ /\-]\d{3,4}[ ]?\d{4,5}\b")),
    ("a British", "GB", pattern(r"\b07\d{3} \d{3} ?\d{3}\b|\b0[12]\d{1,2} \d{4} \d{4}\b")),
    ("a Brazilian", "BR", pattern(r"\([1-9]\d\) ?9?\d{4}-\d{4}\b")),
    ("a Russian", "RU", pattern(r"\b8 ?\(\d{3,5}\) ?\d{1,3}-\d{2}-\d{2}\b")),
    ("a Chinese", "CN", pattern(r"\b1[3-9]\d(?:\d{8}|[ \-]\d{4}[ \-]\d{4})\b")),
)
_HAN = pattern(r"\p{Han}")
_WORDS = fold_words(
    "phone",
    "telephone",
    "phone number",
    "tel",
    "telefon",
    "telefonnummer",
    "téléphone",
    "teléfono",
    "telefone",
    "telefono",
    "telefoon",
    "puhelin",
    "puh",
    "mobile",
    "mobil",
    "mobiel",
    "móvil",
    "celular",
    "cellulare",
    "cell",
    "handy",
    "handynummer",
    "portable",
    "telemóvel",
    "komórka",
    "whatsapp",
    "fax",
    "hotline",
    "call me at",
    "call me on",
    "call",
    "text me at",
    "rufen",
    "appelez",
    "llame al",
    "llámame al",
    "телефон",
    "тел",
    "моб",
    "мобильный",
    "мобільний",
    "τηλέφωνο",
    "τηλ",
    "κινητό",
    "电话",
    "電話",
    "手机",
    "手機",
    "手机号",
    "联系电话",
    "携帯",
    "携帯電話",
    "전화",
    "전화번호",
    "휴대폰",
    "연락처",
    "फोन",
    "फ़ोन",
    "मोबाइल",
    "هاتف",
    "رقم الهاتف",
    "جوال",
    "طلفون",
    "טלפון",
    "נייד",
    "โทรศัพท์",
    "โทร",
    "điện thoại",
    "sđt",
    "telepon",
    "hp",
    "cep telefonu",
    "cep",
    "simu",
)
_ANNOUNCED = pattern(
    r"(?:^|[^a-z])"
    + any_of(_WORDS)
    + r"(?:[ \t:：#=|.*()\"'\-]|\b(?:no|nr|number|is|us|me|at|on|under|home|work|office|ist|est|es"
    r"|au|al|mobile|line|direct|alt)\b|是|为|は|번호|号码|番号|है|नंबर|नम्बर){0,8}\n?[ \t]{0,6}"
    r"(\(?\+?\d(?:[ .\-/()]{0,2}\d){5,16})" + _EXTENSION,
    ignore_case=True,
)
_DATE = pattern(r"^(?:\d{4}[\-./]\d{1,2}[\-./]\d{1,2}|\d{1,2}[\-./]\d{1,2}[\-./](?:\d{4}|\d{2}))\b")


def find_phones(text: str) -> Iterator[Finding]:
    """Yield telephone and fax numbers."""
    for match in _INTERNATIONAL.finditer(text):
        yield from _international(text, match.start(), match.end())
    for form, country in ((_NORTH_AMERICAN, "a North American"), (_FRENCH, "a French")):
        for match in form.finditer(text):
            if not _goes_on(text, match.start(), match.end()):
                yield _phone(
                    match.start(), match.end(), f"Has the form of {country} number.", LIKELY
                )
    yield from _national(text)
    for match in _ANNOUNCED.finditer(text):
        start, end = match.span(1)
        value = match.group(1)
        if text[end : end + 1].isalnum() and text[end].isascii():
            continue
        if 6 <= sum(map(str.isdigit, value)) <= 15 and not _DATE.search(value):
            yield _phone(start, match.end(), "Follows a word for a telephone number.", LIKELY)


def _national(text: str) -> Iterator[Finding]:
    for country, region, form in _NATIONAL:
        for match in form.finditer(text):
            start, end = match.span()
            # Eleven digits alone are a number of anything, but beside Chinese a mobile phone.
            if region == "CN" and not _HAN.search(text[max(0, start - 30) : end + 30]):
                continue
            if not _goes_on(text, start, end) and _is_valid(match.group(), region):
                yield _phone(start, end, f"Has the form of {country} number.", LIKELY)


def _is_valid(number: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def _international(text: str, start: int, end: int) -> Iterator[Finding]:
    if text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum():
        return
    number = text[start:end]
    is_plus = number.startswith("+")
    digits = "".join(filter(str.isdigit, number))
    try:
        parsed = phonenumbers.parse(number if is_plus else "+" + digits[2:], None)
    except phonenumbers.NumberParseException:
        return
    if phonenumbers.is_valid_number(parsed):
        yield _phone(start, end, "A valid international telephone number.", CERTAIN)
    elif is_plus and 8 <= len(digits) <= 15 and _is_known_country(parsed.country_code):
        yield _phone(start, end, "Has the form of an international telephone number.", LIKELY)


def _is_known_country(code: int | None) -> bool:
    return code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE


def _goes_on(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    return before in {"-", "+", "."} or (after[:1] in {"-", "."} and after[1:].isdigit())


def _phone(start: int, end: int, reason: str, score: float) -> Finding:
    return Finding(start, end, "private_phone", "PHONE", reason, score)
