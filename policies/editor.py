"""The editor of a policy: rules as forms, and what came in by them as rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField, formset_factory
from django.http import QueryDict

from anonymizer.categories import CATEGORIES, custom_label
from anonymizer.rules import Rules, RulesError, Terms
from policies.catalogue import SUBTYPES
from policies.forms import (
    MAX_BLOCKS,
    TERM_FIELDS,
    AlwaysForm,
    CategoryForm,
    RulesForm,
    SampleForm,
)

_PLAIN = (
    "operating_point", "default_operator", "naming", "numbering", "mask_length",
    "shared_numbers", "needs_approval", "needs_two", "shows_unreviewed", "retention_days",
)  # fmt: skip
Blocks = Any  # a formset, which cannot name the type of its forms at run time
_AlwaysBlocks = formset_factory(AlwaysForm, extra=1, max_num=MAX_BLOCKS, absolute_max=MAX_BLOCKS)
_CategoryBlocks = formset_factory(
    CategoryForm, extra=1, max_num=MAX_BLOCKS, absolute_max=MAX_BLOCKS
)


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category's line of the editor, with its subtypes."""

    label: str
    operator: BoundField
    threshold: BoundField
    subtypes: list[BoundField]

    @property
    def is_open(self) -> bool:
        """Say whether a subtype is treated in a way of its own."""
        return any(field.value() or field.errors for field in self.subtypes)


class Editor:
    """The forms of one policy's rules: unbound of rules, bound of what was sent.

    rules: that are edited; what they say and no field shows stays as it is
    data:  what was sent
    """

    def __init__(
        self,
        *,
        rules: Rules | None = None,
        version: int | None = None,
        data: QueryDict | None = None,
    ) -> None:
        self._rules = rules = rules or Rules()
        self._sent = data or QueryDict()
        if data is not None:
            self.form = RulesForm(data)
            self.always: Blocks = _AlwaysBlocks(data, **self._always_options())
            self.categories: Blocks = _CategoryBlocks(data, prefix="category")
            self.sample = SampleForm(data)
            return
        self.form = RulesForm(initial=_initial(rules) | {"if_version": version})
        self.always = _AlwaysBlocks(initial=_always_initial(rules), **self._always_options())
        self.categories = _CategoryBlocks(initial=_categories_initial(rules), prefix="category")
        self.sample = SampleForm()

    def rows(self) -> list[CategoryRow]:
        """The categories with their fields, in their fixed order."""
        return [
            CategoryRow(
                label,
                self.form[f"operator_{label}"],
                self.form[f"threshold_{label}"],
                [self.form[f"subtype_{one}"] for one in SUBTYPES.get(label, ())],
            )
            for label in CATEGORIES
        ]

    def read(self) -> Rules | None:
        """Return the rules that were sent, None where errors now stand at their fields."""
        sent = (self.form, self.always, self.categories)
        are_whole = len(sent) == sum(form.is_valid() for form in sent)  # all are asked
        try:
            rules = Rules.from_json(self._as_json())
        except RulesError as exc:
            for field, sentences in exc.errors.items():
                self._place(field, sentences)
            return None
        return rules if are_whole else None

    def errors(self) -> list[tuple[str, str, list[str]]]:
        """Return what is wrong: id of the field, what it is called, sentences."""
        return [
            (field.id_for_label or field.auto_id, named, list(field.errors))
            for field, named in self._named_fields()
            if field.errors
        ] + [
            ("", "", list(form.non_field_errors()))
            for form in (self.form, *self.always, *self.categories)
            if form.non_field_errors()
        ]

    def with_another(self, kind: str) -> None:
        """Show one more empty block of `always` or `category`."""
        blocks = self.always if kind == "always" else self.categories
        data = self._sent.copy()
        data[f"{kind}-TOTAL_FORMS"] = str(min(blocks.total_form_count() + 1, MAX_BLOCKS))
        if kind == "always":
            self.always = _AlwaysBlocks(data, **self._always_options())
        else:
            self.categories = _CategoryBlocks(data, prefix="category")

    def seen(self, version: int) -> None:
        """Let what was sent stand on another version, of which the person is told now."""
        data = self._sent.copy()
        data["if_version"] = str(version)
        self.form.data = data

    def _always_options(self) -> dict[str, Any]:
        own = [(one.label, one.name) for one in self._rules.categories]
        return {"prefix": "always", "form_kwargs": {"own": own}}

    def _named_fields(self) -> Iterator[tuple[BoundField, str]]:
        for field in self.form:
            yield field, str(field.label)
        for number, form in enumerate(self.always, start=1):
            for field in form:
                yield field, f"Always hidden, list {number}, {field.label.lower()}"
        for number, form in enumerate(self.categories, start=1):
            for field in form:
                yield field, f"Own category {number}, {field.label.lower()}"

    def _as_json(self) -> dict[str, Any]:
        data = self.form.cleaned_data
        operators = _carried(self._rules.operators)
        operators |= {name: data[field] for field, name in _operator_fields() if data.get(field)}
        thresholds = _carried(self._rules.thresholds)
        thresholds |= {
            label: data[f"threshold_{label}"]
            for label in CATEGORIES
            if data.get(f"threshold_{label}")
        }
        for form in self._filled(self.categories):
            if form.cleaned_data.get("operator") and (label := _label_of(form)):
                operators[label] = form.cleaned_data["operator"]
        return {name: data[name] for name in _PLAIN if name in data} | {
            "operators": operators,
            "thresholds": thresholds,
            "never": _terms_json(data, "never_"),
            "always": [
                {"label": one.cleaned_data.get("label"), "terms": _terms_json(one.cleaned_data)}
                for one in self._filled(self.always)
            ],
            "categories": [
                {
                    "name": one.cleaned_data.get("name"),
                    "colour": one.cleaned_data.get("colour", 1),
                    "terms": _terms_json(one.cleaned_data),
                }
                for one in self._filled(self.categories)
            ],
        }

    @staticmethod
    def _filled(blocks: Blocks) -> list[forms.Form]:
        """Return the blocks in which something stands."""
        return [
            form
            for form in blocks
            if any(form.cleaned_data.get(field, "").strip() for field in (*TERM_FIELDS, "name"))
        ]

    def _place(self, field: str, sentences: list[str]) -> None:
        """Put what is wrong with rules at the field from which it came."""
        head, _, rest = field.partition(".")
        form: forms.Form = self.form
        name = {"never": f"never_{rest}", "thresholds": f"threshold_{rest}"}.get(head, head)
        if head == "operators":
            name = f"operator_{rest}" if rest in CATEGORIES else f"subtype_{rest}"
        if head in {"always", "categories"} and rest:
            number, _, name = rest.partition(".")
            blocks = self._filled(self.always if head == "always" else self.categories)
            form = blocks[int(number)]
            name = name.removeprefix("terms.")
        if name in form.errors:  # said already, in other words
            return
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _operator_fields() -> Iterator[tuple[str, str]]:
    for label in CATEGORIES:
        yield f"operator_{label}", label
        for subtype in SUBTYPES.get(label, ()):
            yield f"subtype_{subtype}", subtype


def _carried(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of subtypes of other checkpoints, for which there is no field."""
    shown = {name for _, name in _operator_fields()}
    return {name: one for name, one in named.items() if name not in shown and name.isupper()}


def _label_of(form: forms.Form) -> str:
    """Return the label of an own category; "" where its name is refused in any case."""
    try:
        return custom_label(form.cleaned_data["name"], form.cleaned_data["colour"])
    except (KeyError, ValueError):
        return ""


def _initial(rules: Rules) -> dict[str, Any]:
    initial = {name: getattr(rules, name) for name in _PLAIN}
    for field, name in _operator_fields():
        initial[field] = str(rules.operators.get(name, ""))
    for label, threshold in rules.thresholds.items():
        initial[f"threshold_{label}"] = threshold
    return initial | _terms_initial(rules.never, "never_")


def _always_initial(rules: Rules) -> list[dict[str, Any]]:
    return [{"label": one.label, **_terms_initial(one.terms)} for one in rules.always]


def _categories_initial(rules: Rules) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "colour": str(one.colour),
            "operator": str(rules.operators.get(one.label, "")),
            **_terms_initial(one.terms),
        }
        for one in rules.categories
    ]


def _terms_initial(terms: Terms, prefix: str = "") -> dict[str, str]:
    return {f"{prefix}{field}": "\n".join(getattr(terms, field)) for field in TERM_FIELDS}


def _terms_json(data: Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """Return the terms of text fields, one a line, without blank lines."""
    lines = {field: data.get(f"{prefix}{field}", "").split("\n") for field in TERM_FIELDS}
    return {field: [line.strip() for line in one if line.strip()] for field, one in lines.items()}
