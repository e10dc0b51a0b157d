"""Names of people, in the script of the name they stand for."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Pool:
    """Given and family names of one script; gap stands between them, family_first where it does."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    gap: str = " "
    family_first: bool = False


def _pool(given: str, family: str, gap: str = " ", *, family_first: bool = False) -> _Pool:
    return _Pool(tuple(given.split()), tuple(family.split()), gap, family_first)


_LATIN = _pool(
    "Adele Agnes Albin Anders Astrid Aurel Beatrix Bruno Camille Casper Clara Conrad Cosima Dario"
    " Delia Edith Elias Elin Emil Enzo Esther Fabian Flora Frieda Gideon Greta Hanno Helena Henrik"
    " Ines Irma Jonas Judith Julian Karin Kilian Lena Leonie Levin Lorenz Lucia Magnus Marta Matteo"
    " Mila Nadine Noel Olga Oscar Paula Quentin Ramona Rosa Ruben Selma Silvan Stella Tilda Tobias"
    " Ulrike Vera Viktor Wanda Yannick",
    "Abelard Almeida Arnold Asmussen Barlow Bellini Berger Brandt Calder Castellan Corvin Dahl"
    " Delacroix Dorner Eklund Engel Falkner Ferrand Fontane Garner Gerber Halvorsen Hartwell Holm"
    " Jansen Kastner Keller Klint Lambert Lenz Lindholm Marchetti Marlow Merten Montes Nyberg Olsen"
    " Ortega Pellegrin Quist Rainer Renner Rosental Sander Selby Soler Stern Sutter Tanner Thornton"
    " Ullrich Valdez Varga Vogel Walden Wexler Winther Zeller",
)
_POOLS = {
    "LATIN": _LATIN,
    "CYRILLIC": _pool(
        "Арина Богдан Вера Глеб Дарья Егор Зоя Илья Кира Лев Майя Никита Олег Полина Роман Софья",
        "Белых Бондаренко Гринько Дорошенко Живаго Коваленко Кравчук Литвиненко Марченко Руденко"
        " Савченко Седых Ткаченко Черных Шевчук Юрченко",
    ),
    "GREEK": _pool(
        "Άννα Γιώργος Δήμητρα Ελένη Ηλίας Θάλεια Ιωάννα Κώστας Λήδα Μάρκος Νίκη Πέτρος Σοφία Τάσος",
        "Αλεξίου Βασιλείου Γεωργίου Δημητρίου Ιωάννου Κωνσταντίνου Μιχαήλ Νικολάου Παύλου Σταύρου",
    ),
    "CJK": _pool(
        "安宁 博文 晨曦 德华 芳菲 广平 海燕 佳怡 景行 立群 明远 念慈 清如 若兰 书恒 思齐"
        " 文渊 晓彤 雅静 子墨",
        "白 曹 邓 范 高 韩 姜 孔 卢 孟 倪 潘 秦 任 沈 唐 汪 萧 严 邹",
        "",
        family_first=True,
    ),
    "KANA": _pool(
        "あおい さくら ひなた みなと ゆうと はると そうた りお ひかり かんな",
        "あおき いしだ うえだ おかだ かわの きのした くぼ さいとう たなべ はやし",
        "",
        family_first=True,
    ),
    "HANGUL": _pool(
        "가람 나래 다온 라온 마루 보람 새롬 슬기 아름 윤슬 은솔 재윤 지안 하람 한결 해솔",
        "강 고 권 나 남 노 문 배 백 서 손 송 신 안 유 윤",
        "",
        family_first=True,
    ),
    "ARABIC": _pool(
        "أمل باسم جميل دانة رامي ريم زياد سلمى طارق عادل فادي كريم ليلى مازن نور هاني ياسر",
        "البكري الجندي الحداد الخطيب الراوي السالم الشريف الصباغ العطار القاضي المصري النجار",
    ),
    "HEBREW": _pool(
        "אביב איתן גיל דנה הילה זיו טל יעל ליאור מאיה נועם עדי רותם שירה תמר",
        "אלון ברק גולן דגן הדר זמיר חרמון כרמי לביא מור נבו סלע צור רביב שגיא",
    ),
    "DEVANAGARI": _pool(
        "अनिल आरती कविता किरण दीपक नंदिनी नेहा पवन पूजा मीरा मोहन रवि रेखा विजय सुनीता",
        "अग्रवाल कपूर गुप्ता चौधरी जोशी त्रिपाठी नायर पटेल भट्ट मिश्रा मेहता वर्मा शर्मा सक्सेना",
    ),
    "THAI": _pool(
        "กมล ขวัญ จันทร์ ชัย ดาว ธนา นภา ปรีชา พิม มาลี รัตนา วิชัย ศิริ สมชาย อรุณ",
        "กิตติ แก้วใส จันทรา ชัยวัฒน์ ทองดี บุญมา พงษ์พันธ์ ศรีสุข สุขใจ แสงทอง",
    ),
}
_TITLE = re.compile(
    r"^(?:(?:Mrs?|Ms|Miss|Dr|Prof|Sir|Herr|Frau|MM?|Mme|Mlle|Sr|Sra|Sig|Don|Doña)\.? )+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?|\S")


def person(value: str, chance: random.Random) -> str | None:
    """Return another person's name with the same number of words, titles, initials and case."""
    title = _TITLE.match(value)
    kept, rest = (title.group(), value[title.end() :]) if title else ("", value)
    pool = _POOLS.get(_script(rest))
    if pool is None:
        return None
    if not pool.gap and " " not in rest:
        whole = chance.choice(pool.family) + pool.gap + chance.choice(pool.given)
        return kept + (whole if len(rest) > 1 else chance.choice(pool.family))
    words = _WORD.findall(rest)
    is_turned = "," in words or pool.family_first
    letters = [i for i, word in enumerate(words) if word[0].isalpha()]
    if not letters:
        return None
    family_at = letters[0] if is_turned else letters[-1]
    made = rest
    for index in reversed(range(len(words))):
        word = words[index]
        if index not in letters:
            continue
        names = pool.family if index == family_at else pool.given
        made = _put_last(made, word, _like(word, chance.choice(names)), words[:index])
    return kept + made


def username(value: str, chance: random.Random) -> str | None:
    """Return a name for signing in, in plain letters."""
    name = f"{chance.choice(_LATIN.given)[0]}{chance.choice(_LATIN.family)}".lower()
    prefix = "@" if value.startswith("@") else ""
    return f"{prefix}{name}{chance.randint(10, 99)}"


def latin_name(chance: random.Random) -> tuple[str, str]:
    """Return a given and a family name in plain letters."""
    return chance.choice(_LATIN.given), chance.choice(_LATIN.family)


def _put_last(text: str, word: str, made: str, before: list[str]) -> str:
    """Replace the word that follows `before`; what follows it was replaced already."""
    position = 0
    for earlier in before:
        position = text.index(earlier, position) + len(earlier)
    start = text.index(word, position)
    return text[:start] + made + text[start + len(word) :]


def _like(word: str, name: str) -> str:
    """Return a name in the case and length class of the word it stands for."""
    if word.endswith(".") or len(word) == 1:
        return _cased(word, name[0]) + ("." if word.endswith(".") else "")
    return _cased(word, name)


def _cased(word: str, name: str) -> str:
    letters = word.strip(".")
    case: Callable[[str], str] = str
    if len(letters) > 1 and letters.isupper():
        case = str.upper
    elif letters.islower():
        case = str.lower
    return case(name)


def _script(text: str) -> str:
    """Return the script of most letters: the first word of their Unicode names."""
    counts: dict[str, int] = {}
    for char in text:
        if char.isalpha():
            script = unicodedata.name(char, "?").split()[0].split("-")[0]
            script = {"HIRAGANA": "KANA", "KATAKANA": "KANA"}.get(script, script)
            counts[script] = counts.get(script, 0) + 1
    return max(counts, key=lambda script: counts[script]) if counts else ""
