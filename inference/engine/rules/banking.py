"""Bank accounts: IBANs by checksum, account and sort codes beside the words for them."""

from __future__ import annotations

from collections.abc import Iterator

from inference.engine.folding import fold_words
from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, any_of, pattern, stands_before

# Lengths by country, from the SWIFT IBAN registry.
_LENGTHS = {
    country: int(size)
    for size, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FK FI FO GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU MN XK",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ OM SO TL",
        "24": "AD CZ DJ ES MD PK RO SA SE SK TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "BI FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
        "34": "HN",
    }.items()
    for country in countries.split()
}
_IBAN_START = pattern(r"\b[a-z]{2}\d{2}[ \-.]?[a-z0-9]{2}", ignore_case=True)
# Every character apart, as people dictate it.
_IBAN_SPREAD = pattern(r"\b[A-Z] [A-Z] \d \d(?: [A-Z0-9]){11,30}\b")
_IBAN_WORD = pattern(r"\biban\b", ignore_case=True)
_IBAN_LOOSE = pattern(r"[A-Z]{2}\d{2}(?:[A-Z0-9]+|[ \-][A-Z0-9]*\d[A-Z0-9]*)*")
_ACCOUNT_WORDS = fold_words(
    "account number",
    "account no",
    "account #",
    "acct number",
    "acct no",
    "acct",
    "a/c no",
    "bank account",
    "checking account",
    "savings account",
    "routing number",
    "routing no",
    "sort code",
    "aba number",
    "kontonummer",
    "konto-nr",
    "kontonr",
    "bankkonto",
    "bankleitzahl",
    "blz",
    "numéro de compte",
    "compte bancaire",
    "número de cuenta",
    "cuenta bancaria",
    "clabe",
    "número da conta",
    "conta bancária",
    "conta corrente",
    "numero di conto",
    "conto corrente",
    "rekeningnummer",
    "numer konta",
    "numer rachunku",
    "nr konta",
    "číslo účtu",
    "bankszámlaszám",
    "hesap numarası",
    "номер счета",
    "номер счёта",
    "расчетный счет",
    "номер рахунку",
    "αριθμός λογαριασμού",
    "αριθμό λογαριασμού",
    "银行账号",
    "银行卡号",
    "账号",
    "帳號",
    "口座番号",
    "계좌번호",
    "खाता संख्या",
    "रقم الحساب",
    "رقم الحساب",
    "מספר חשבון",
    "เลขที่บัญชี",
    "số tài khoản",
    "nomor rekening",
)
_ACCOUNT = pattern(
    any_of(_ACCOUNT_WORDS)
    + r"(?:[ \t]*(?:\([^()\n]{0,20}\)|is|no\.?|nr\.?|number|ist|est|es|:|：|#|="
    r"|-|\t))*[ \t]{0,4}\n?[ \t]{0,4}(\d(?:[ \-/]?\d){4,22})\b",
    ignore_case=True,
)


def find_bank_accounts(text: str) -> Iterator[Finding]:
    """Yield IBANs and account numbers that words announce."""
    reached = 0
    for match in _IBAN_START.finditer(text):
        if match.start() < reached:
            continue
        finding = _iban_at(text, match.start())
        if finding:
            reached = finding.end
            yield finding
    for match in _IBAN_SPREAD.finditer(text):
        size = _LENGTHS.get(match.group()[:3].replace(" ", ""))
        end = match.start() + 2 * size - 1 if size else 0
        if match.start() < end <= match.end() and _mod_97(text[match.start() : end]):
            yield Finding(
                match.start(),
                end,
                "account_number",
                "IBAN",
                "An IBAN with a valid checksum.",
                CERTAIN,
            )
    for match in _ACCOUNT.finditer(text):
        yield Finding(
            match.start(1),
            match.end(1),
            "account_number",
            "BANK_ACCOUNT",
            "Follows the words for a bank account number.",
            LIKELY,
        )


def _iban_at(text: str, start: int) -> Finding | None:
    size = _LENGTHS.get(text[start : start + 2].upper())
    end = _take(text, start, size) if size else None
    if end is not None and _mod_97(text[start:end]):
        return Finding(
            start, end, "account_number", "IBAN", "An IBAN with a valid checksum.", CERTAIN
        )
    if stands_before(_IBAN_WORD, text, start, 25):
        loose = _IBAN_LOOSE.match(text[start : start + 60].upper())
        if loose and sum(character.isdigit() for character in loose.group()) >= 8:
            return Finding(
                start,
                start + loose.end(),
                "account_number",
                "IBAN",
                "Follows the word IBAN.",
                LIKELY,
            )
    return None


def _take(text: str, start: int, size: int) -> int | None:
    """Return the end of `size` letters and digits with single separators, or None."""
    taken, position = 0, start
    while taken < size and position < len(text):
        character = text[position]
        if character.isascii() and character.isalnum():
            taken += 1
        elif character not in " -.\n" or not text[position - 1].isalnum():
            return None
        position += 1
    following = text[position : position + 1]
    return position if taken == size and not (following.isascii() and following.isalnum()) else None


def _mod_97(value: str) -> bool:
    compact = "".join(filter(str.isalnum, value)).upper()
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1
