"""Encodings by the names that pages and mails give them."""

from __future__ import annotations

import codecs

# Python has other codecs (utf-7, rot13) that no page or mail has a use for.
_CHARSETS = frozenset(
    name
    for line in (
        "ascii iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7",
        "iso8859-8 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp1250",
        "cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258",
        "cp874 cp866 koi8-r koi8-u mac-roman gbk gb2312 gb18030",
        "big5 euc_jp shift_jis cp932 iso2022_jp euc_kr cp949 tis-620",
    )
    for name in line.split()
)


def known_charset(name: str) -> str | None:
    """Return Python's name for an encoding of the web or of mail, None for others."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    # As browsers do: who names Latin-1 means Windows-1252.
    latin = {"ascii": "cp1252", "iso8859-1": "cp1252"}
    return latin.get(found, found) if found in _CHARSETS else None
