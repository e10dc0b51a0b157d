"""E-mail addresses, plain or written around the robots."""

from __future__ import annotations

from collections.abc import Iterator

from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, pattern, stands_before

# Scripts written with spaces between words: Chinese before an address is not part of it.
_LETTER = r"\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}\p{Devanagari}"
_DOMAIN = (
    rf"(?:[{_LETTER}\p{{N}}](?:[{_LETTER}\p{{M}}\p{{N}}\-]*[{_LETTER}\p{{M}}\p{{N}}])?\.)+"
    rf"(?:xn--[a-z0-9\-]{{2,30}}|[a-z]{{2,24}}|\p{{Cyrillic}}{{2,12}}|\p{{Greek}}{{2,12}})"
)
_LOCAL = rf"[{_LETTER}\p{{N}}_](?:[{_LETTER}\p{{M}}\p{{N}}._%+&'\-]*[{_LETTER}\p{{M}}\p{{N}}_+\-])?"
_ADDRESS = pattern(rf"{_LOCAL}@(?:{_DOMAIN}|\[\d{{1,3}}(?:\.\d{{1,3}}){{3}}\])", ignore_case=True)
_OPEN, _CLOSE = r"[ ]?[\[({<][ ]?", r"[ ]?[\])}>][ ]?"
_AT = rf"(?:{_OPEN}(?:at|@|arroba|ät|chez){_CLOSE}|[ ]@[ ])"
_DOT = rf"(?:{_OPEN}(?:dot|punkt|punto|point|\.){_CLOSE}|\.|[ ]dot[ ])"
_DISGUISED = pattern(
    rf"\b[\w.+\-]{{1,64}}{_AT}[\w\-]{{1,63}}(?:{_DOT}[\w\-]{{1,63}}){{0,3}}{_DOT}[a-z]{{2,12}}\b",
    ignore_case=True,
)
# Spoken: "jane dot doe at example dot com"; "at" alone is a word, so more has to speak for it.
_WORDS_AT, _WORDS_DOT = r"(?:at|arroba|chez|chiocciola)", r"(?:dot|punkt|punto|point|ponto)"
_SPOKEN = pattern(
    rf"\b[a-z0-9_\-]{{1,40}}(?: {_WORDS_DOT} [a-z0-9_\-]{{1,40}}){{0,3}} {_WORDS_AT}"
    rf" [a-z0-9\-]{{1,40}}(?: {_WORDS_DOT} [a-z0-9\-]{{1,40}}){{0,2}} {_WORDS_DOT} [a-z]{{2,6}}\b",
    ignore_case=True,
)
_DOT_BEFORE_AT = pattern(rf" {_WORDS_DOT} .* {_WORDS_AT} ", ignore_case=True)
_MAIL_WORDS = pattern(r"e-?mail|\bmail\b|correo|courriel|contact|write to|reach", ignore_case=True)
# File names and unit names that look like addresses: icon@2x.png, getty@tty1.service.
_NOT_DOMAINS = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "ico",
        "js",
        "mjs",
        "ts",
        "css",
        "scss",
        "json",
        "yaml",
        "yml",
        "xml",
        "service",
        "target",
        "timer",
        "socket",
        "mount",
        "slice",
        "html",
        "php",
        "py",
        "rb",
        "go",
        "rs",
        "java",
        "so",
        "dll",
        "exe",
        "md",
        "txt",
    ]
)


def find_emails(text: str) -> Iterator[Finding]:
    """Yield e-mail addresses."""
    if "@" in text:
        for match in _ADDRESS.finditer(text):
            start, end = match.span()
            if match.group().rpartition(".")[2].lower() in _NOT_DOMAINS:
                continue
            if _is_login_in_link(text, start, end):
                continue
            yield Finding(start, end, "private_email", "EMAIL", "An e-mail address.", CERTAIN)
    for match in _DISGUISED.finditer(text):
        if any(mark in match.group() for mark in "[({<@"):
            yield Finding(
                match.start(),
                match.end(),
                "private_email",
                "EMAIL",
                "An e-mail address with its signs written out.",
                LIKELY,
            )

    for match in _SPOKEN.finditer(text):
        start, end = match.span()
        if _DOT_BEFORE_AT.search(match.group()) or stands_before(_MAIL_WORDS, text, start, 40):
            yield Finding(
                start, end, "private_email", "EMAIL", "An e-mail address in spoken words.", LIKELY
            )


def _is_login_in_link(text: str, start: int, end: int) -> bool:
    """Say whether this is user@host of a link or of a repository, where other rules decide."""
    before = text[max(0, start - 120) : start]
    word = before.split()[-1] if before and not before[-1].isspace() else ""
    if "://" in word and "?" not in word:
        return True
    return text[start:end].lower().startswith("git@") and text[end : end + 1] == ":"
