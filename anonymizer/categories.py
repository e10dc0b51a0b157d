"""What people see of a label: its name, its tag, its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """One category as pages show it.

    label: the model's label, also the CSS class
    name:  a word for people
    tag:   three letters that stand at a span's end
    key:   the digit that jumps to the category's next span
    count: spans of the category in the text at hand
    """

    label: str
    name: str
    tag: str
    key: str
    count: int = 0


CATEGORIES: Mapping[str, Category] = {
    label: Category(label, name, tag, str(number))
    for number, (label, name, tag) in enumerate(
        (
            ("private_person", "Person", "PER"),
            ("private_address", "Address", "ADR"),
            ("private_email", "Email", "EML"),
            ("private_phone", "Phone", "TEL"),
            ("private_url", "Link", "URL"),
            ("private_date", "Date", "DAT"),
            ("account_number", "Account", "ACC"),
            ("secret", "Secret", "SEC"),
        ),
        start=1,
    )
}


# Parts of subtypes that are read letter by letter.
_SHORT = frozenset(
    {"API", "BIC", "CVV", "IBAN", "ID", "IP", "JWT", "MAC", "PIN", "SSN", "URL", "VAT"}
)


def subtype_name(subtype: str) -> str:
    """Return a subtype in words: "Date of birth" for "DATE_OF_BIRTH", "IP address", "SSN"."""
    words = [word if word in _SHORT else word.lower() for word in subtype.split("_")]
    name = " ".join(words)
    return name[:1].upper() + name[1:]


def category_of(label: str) -> Category:
    """Return a label's category; a label of another checkpoint is shown by its own name."""
    known = CATEGORIES.get(label)
    if known is not None:
        return known
    name = label.removeprefix("private_").replace("_", " ").capitalize()
    return Category(label, name, name[:3].upper(), "")


def counted(labels: Iterable[str]) -> list[Category]:
    """Return the categories in their fixed order with how often each label occurs, zeros too."""
    counts: dict[str, int] = dict.fromkeys(CATEGORIES, 0)
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return [
        Category(c.label, c.name, c.tag, c.key, count)
        for label, count in counts.items()
        for c in (category_of(label),)
    ]
