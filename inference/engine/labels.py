"""Label schemes: which classes a checkpoint emits, and how BIOES tags join into spans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# The eight categories of OpenAI Privacy Filter, in the order of its config.
CATEGORIES = (
    "account_number",
    "private_address",
    "private_date",
    "private_email",
    "private_person",
    "private_phone",
    "private_url",
    "secret",
)


class LabelSchemeError(ValueError):
    """Raised when a checkpoint's label set is not O plus BIOES tags."""


@dataclass(frozen=True, slots=True)
class LabelScheme:
    """The classes of a checkpoint, read from its config.

    names:      class names by index, such as "O" or "B-private_person"
    prefixes:   "O", "B", "I", "E" or "S" by index
    categories: category by index, "" for O
    """

    names: tuple[str, ...]
    prefixes: tuple[str, ...]
    categories: tuple[str, ...]

    @classmethod
    def from_id2label(cls, id2label: Mapping[str, str] | Mapping[int, str]) -> LabelScheme:
        """Read the scheme from a config's id2label, whatever the order of its classes.

        Raises LabelSchemeError if indices have gaps, O is missing, or a tag is not BIOES.
        """
        by_index = {int(index): name for index, name in id2label.items()}
        if sorted(by_index) != list(range(len(by_index))):
            raise LabelSchemeError("The label indices of the checkpoint have gaps.")
        names = tuple(by_index[index] for index in range(len(by_index)))
        if names.count("O") != 1:
            raise LabelSchemeError("The checkpoint has no single label O for plain text.")
        prefixes, categories = [], []
        for name in names:
            prefix, _, category = name.partition("-")
            if name != "O" and (prefix not in {"B", "I", "E", "S"} or not category):
                raise LabelSchemeError("The checkpoint's labels are not BIOES tags.")
            prefixes.append(prefix)
            categories.append(category)
        for category in {category for category in categories if category}:
            found = {p for p, c in zip(prefixes, categories, strict=True) if c == category}
            if found != {"B", "I", "E", "S"}:
                raise LabelSchemeError("The checkpoint lacks some BIOES tags of a category.")
        return cls(names, tuple(prefixes), tuple(categories))

    @classmethod
    def default(cls) -> LabelScheme:
        """Return the scheme of OpenAI Privacy Filter: O, then B, I, E, S of each category."""
        names = ["O"] + [f"{prefix}-{category}" for category in CATEGORIES for prefix in "BIES"]
        return cls.from_id2label(dict(enumerate(names)))

    @property
    def outside(self) -> int:
        """Index of the class O."""
        return self.names.index("O")
