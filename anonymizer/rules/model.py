"""Rules as values, and how they are kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from anonymizer.categories import custom_label
from anonymizer.operators.policy import Naming, Numbering, Operator, Policy
from anonymizer.rules.matching import Matcher
from inference.engine.operating_points import BALANCED
from inference.engine.spans import Span


@dataclass(frozen=True)
class Terms:
    """A list of what to look for.

    exact:    stands in the text as written, as whole words
    folded:   the same whatever its case, white space and form (anonymizer.text.same_value)
    patterns: RE2 expressions; found in time linear in the text, whatever they are
    """

    exact: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.exact or self.folded or self.patterns)

    def as_json(self) -> dict[str, Any]:
        """Return the lists by name."""
        return {
            "exact": list(self.exact),
            "folded": list(self.folded),
            "patterns": list(self.patterns),
        }

    @cached_property
    def matcher(self) -> Matcher:
        """What finds these terms in texts, made once."""
        return Matcher(self.exact, self.folded, self.patterns)


@dataclass(frozen=True)
class AlwaysHide:
    """What is hidden wherever it stands, under a label."""

    label: str
    terms: Terms

    def as_json(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {"label": self.label, "terms": self.terms.as_json()}


@dataclass(frozen=True)
class CustomCategory:
    """A category of the workspace's own.

    label:  as anonymizer.categories.custom_label makes it of colour and name
    colour: 1 to 8
    """

    label: str
    name: str
    colour: int
    terms: Terms

    @classmethod
    def named(cls, name: str, colour: int, terms: Terms) -> CustomCategory:
        """Return a category with the label that follows from its name and colour."""
        return cls(custom_label(name, colour), name, colour, terms)

    def as_json(self) -> dict[str, Any]:
        """Return the fields by name; the label follows from name and colour."""
        return {"name": self.name, "colour": self.colour, "terms": self.terms.as_json()}


@dataclass(frozen=True)
class Rules:
    """What a policy says.

    operators:        by label or subtype, a subtype goes first; KEEP means that it is not hidden
    naming, numbering, mask_length: as of anonymizer.operators.policy.Policy
    thresholds:       by label: what the detector found with a lower score is not hidden
    shared_numbers:   the same value has the same number in the whole workspace; numbers then
                      count within their type
    needs_approval:   nothing is shared before somebody approved it
    needs_two:        who approves is not who made or decided it
    shows_unreviewed: a page says that nobody has looked at it yet
    retention_days:   how long an item is kept at most; None keeps it
    """

    operating_point: str = BALANCED
    default_operator: Operator = Operator.REPLACE
    operators: Mapping[str, Operator] = field(default_factory=dict)
    naming: Naming = Naming.FINE
    numbering: Numbering = Numbering.TYPE
    mask_length: int | None = 5
    thresholds: Mapping[str, float] = field(default_factory=dict)
    always: tuple[AlwaysHide, ...] = ()
    never: Terms = field(default_factory=Terms)
    categories: tuple[CustomCategory, ...] = ()
    shared_numbers: bool = False
    needs_approval: bool = False
    needs_two: bool = False
    shows_unreviewed: bool = False
    retention_days: int | None = None

    @classmethod
    def from_json(cls, data: Any) -> Rules:
        """Read rules strictly; what is left out has its default. Raises RulesError."""
        from anonymizer.rules.reading import read_rules

        return read_rules(data)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "operating_point": self.operating_point,
            "default_operator": str(self.default_operator),
            "operators": {name: str(operator) for name, operator in self.operators.items()},
            "naming": str(self.naming),
            "numbering": str(self.numbering),
            "mask_length": self.mask_length,
            "thresholds": dict(self.thresholds),
            "always": [one.as_json() for one in self.always],
            "never": self.never.as_json(),
            "categories": [one.as_json() for one in self.categories],
            "shared_numbers": self.shared_numbers,
            "needs_approval": self.needs_approval,
            "needs_two": self.needs_two,
            "shows_unreviewed": self.shows_unreviewed,
            "retention_days": self.retention_days,
        }

    @property
    def labels(self) -> frozenset[str]:
        """The labels of the workspace's own categories."""
        return frozenset(one.label for one in self.categories)

    def operator_for(self, span: Span) -> Operator:
        """Return the operator by which a span's category is hidden; KEEP if it is off."""
        return self._policy.operator_for(span)

    @property
    def policy(self) -> Policy:
        """How spans that are to be hidden are hidden.

        What is off is dropped by `apply_rules`; whatever else reaches the operators, a mark by a
        person under a label that is off, is replaced: nothing that is marked stays in sight.
        """
        shown = {Operator.KEEP: Operator.REPLACE, Operator.TAG: Operator.REPLACE}
        return Policy(
            default=shown.get(self.default_operator, self.default_operator),
            by_category={name: shown.get(one, one) for name, one in self.operators.items()},
            naming=self.naming,
            numbering=self.numbering,
            mask_length=self.mask_length,
        )

    @cached_property
    def _policy(self) -> Policy:
        return Policy(default=self.default_operator, by_category=self.operators)
