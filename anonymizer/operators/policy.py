"""Which operator hides which category, and how placeholders are named and numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from anonymizer.categories import custom_name
from inference.engine.spans import Span


class Operator(StrEnum):
    """How a span is hidden."""

    REPLACE = "replace"
    MASK = "mask"
    TAG = "tag"
    CATEGORY = "category"
    HASH = "hash"
    SURROGATE = "surrogate"
    KEEP = "keep"


# What `anonymizer.restore` can undo; what is kept needs no undoing.
REVERSIBLE = frozenset({Operator.REPLACE, Operator.SURROGATE, Operator.KEEP})


class Numbering(StrEnum):
    """Whether placeholders count within their type or over all types."""

    TYPE = "type"
    ALL = "all"


class Naming(StrEnum):
    """What a type is called in placeholders, tags and hashes.

    FINE:  IBAN, PASSPORT, PERSON, ...: the subtype where it is known
    PLAIN: the nine types of the privacyfilter.run dialect, and three for what it leaves out
    LABEL: the label in capitals: PRIVATE_PERSON, ...
    """

    FINE = "fine"
    PLAIN = "plain"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Policy:
    """How the spans of a text are hidden.

    default:       the operator where `by_category` names none
    by_category:   operator by label ("private_person") or by subtype ("IBAN"); a subtype goes first
    mask_length:   signs of a mask; None makes it as long as the value, which tells its length
    """

    default: Operator = Operator.REPLACE
    by_category: Mapping[str, Operator] = field(default_factory=dict)
    naming: Naming = Naming.FINE
    numbering: Numbering = Numbering.TYPE
    mask_length: int | None = 5

    def operator_for(self, span: Span) -> Operator:
        """Return the operator that hides a span."""
        by_label = self.by_category.get(span.label, self.default)
        return self.by_category.get(span.subtype, by_label) if span.subtype else by_label


_TYPES = {
    "private_person": "PERSON",
    "private_address": "ADDRESS",
    "private_email": "EMAIL",
    "private_phone": "PHONE",
    "private_url": "URL",
    "private_date": "DATE",
    "account_number": "ACCOUNT_NUMBER",
    "secret": "SECRET",
}
# Subtypes that have a type of their own in the plain naming.
_PLAIN_SUBTYPES = {
    "SSN": "SSN",
    "NATIONAL_ID": "SSN",
    "TAX_ID": "SSN",
    "HEALTH_ID": "SSN",
    "CREDIT_CARD": "CREDIT_CARD",
    "IP_ADDRESS": "IP_ADDRESS",
    "DATE_OF_BIRTH": "DATE_OF_BIRTH",
}
_DIGITLESS = str.maketrans("", "", "0123456789")


def type_of(span: Span, naming: Naming) -> str:
    """Return what a span's type is called: capital letters and underscores."""
    own = custom_name(span.label)
    if own is not None:
        return custom_type(own)
    if naming is Naming.LABEL:
        return _tidy(span.label)
    plain = _TYPES.get(span.label) or _tidy(span.label.removeprefix("private_"))
    if naming is Naming.PLAIN:
        return _PLAIN_SUBTYPES.get(span.subtype, plain)
    return _tidy(span.subtype) if span.subtype else plain


def custom_type(name: str) -> str:
    """Return what a workspace's own category is called: PROJECT_CODE; CUSTOM without a letter."""
    return _tidy(name, "CUSTOM")


def _tidy(name: str, otherwise: str = "PRIVATE") -> str:
    """Return a name of another checkpoint as placeholders can hold it."""
    kept = "".join(c if c.isascii() and c.isalpha() else "_" for c in name.translate(_DIGITLESS))
    return kept.strip("_").upper() or otherwise
