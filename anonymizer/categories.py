"""What people see of a label: its name, its tag, its key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Categories that a workspace makes for itself have one of these colours, from one on.
COLOURS = 8
_CUSTOM = re.compile(r"custom([1-8])_(\S+)")


@dataclass(frozen=True, slots=True)
class Category:
    """One category as pages show it.

    label: the model's label, or one of a workspace's own; also the CSS class
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

    @property
    def css(self) -> str:
        """The class that gives its hue and pattern: the label, or "custom3"."""
        custom = _CUSTOM.fullmatch(self.label)
        return f"custom{custom[1]}" if custom else self.label


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


def custom_label(name: str, colour: int) -> str:
    """Return the label of a workspace's own category: "custom3_project_code".

    It says all that is shown of the category, so that who draws a bar needs nothing else.
    colour: 1 to 8
    Raises ValueError if the name has no letter or digit, or there is no such colour.
    """
    plain = unicodedata.normalize("NFKC", name).lower()
    slug = "_".join(re.findall(r"[^\W_]+", plain))
    if not slug or not 1 <= colour <= COLOURS:
        raise ValueError("A category needs a name and a colour.")
    return f"custom{colour}_{slug}"


def custom_name(label: str) -> str | None:
    """Return what a label of a workspace's own category says behind its colour, else None."""
    custom = _CUSTOM.fullmatch(label)
    return custom[2] if custom else None


def category_of(label: str) -> Category:
    """Return a label's category; a label of another checkpoint is shown by its own name."""
    known = CATEGORIES.get(label)
    if known is not None:
        return known
    if slug := custom_name(label):
        name = slug.replace("_", " ")
        name = name[:1].upper() + name[1:]
        return Category(label, name, slug.replace("_", "")[:3].upper(), "")
    name = label.removeprefix("private_").replace("_", " ").capitalize()
    return Category(label, name, name[:3].upper(), "")


def counted(labels: Iterable[str], own: Iterable[str] = ()) -> list[Category]:
    """Return the categories in their fixed order with how often each label occurs, zeros too.

    own: labels of the workspace's own categories, which come last
    """
    counts: dict[str, int] = dict.fromkeys((*CATEGORIES, *sorted(own)), 0)
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    return [
        Category(c.label, c.name, c.tag, c.key, count)
        for label, count in counts.items()
        for c in (category_of(label),)
    ]
