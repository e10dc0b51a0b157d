"""What comes in through the pages of policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.renderers import Jinja2
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from anonymizer.categories import CATEGORIES, subtype_name
from anonymizer.operators.policy import Operator
from inference.engine.operating_points import BALANCED
from policies.catalogue import NAMINGS, NUMBERINGS, OPERATORS, POINTS, SUBTYPES
from policies.models import Policy, PolicyVersion
from policies.trial import MAX_SAMPLE_CHARACTERS
from workspaces.selects import options

TERM_FIELDS = ("exact", "folded", "patterns")
MAX_BLOCKS = 50
_MAX_TERMS_CHARACTERS = 200_000
_LABELS = [(label, category.name) for label, category in CATEGORIES.items()]
Choices = Sequence[tuple[str, str]]
_OPERATORS = [(str(operator), name) for operator, name in OPERATORS.items()]


class PlainSelect(forms.Select):
    """A select written without a template for each choice: the form of a policy has hundreds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the control."""
        written = flatatt(self.build_attrs(self.attrs, attrs))
        inside = options(self.choices, value)
        return format_html('<select name="{}"{}>{}</select>', name, written, inside)


class PolicyForm(forms.Form):
    """A form whose fields look like those of other pages.

    Written by the quicker engine: the page of a policy has fifty of them.
    """

    default_renderer = Jinja2()  # one for all: it keeps the templates

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            self.dress(field)

    @staticmethod
    def dress(field: forms.Field) -> None:
        """Give a field's control its class."""
        if isinstance(field.widget, forms.RadioSelect | forms.CheckboxInput):
            return
        is_choice = isinstance(field.widget, forms.Select)
        field.widget.attrs.setdefault("class", "select" if is_choice else "input")


class TermsField(forms.CharField):
    """Terms, one a line."""

    def __init__(self, **options: Any) -> None:
        rows = {"rows": 3, "spellcheck": "false", "dir": "auto"}
        super().__init__(
            required=False,
            strip=False,
            max_length=_MAX_TERMS_CHARACTERS,
            widget=forms.Textarea(attrs=rows),
            **options,
        )


class NameForm(PolicyForm):
    """What a policy is called."""

    name = forms.CharField(
        max_length=Policy._meta.get_field("name").max_length,
        error_messages={"required": "Give it a name."},
    )

    def clean_name(self) -> str:
        """Return the name with single blanks."""
        return " ".join(self.cleaned_data["name"].split())


class SampleForm(PolicyForm):
    """What rules are tried on: a text, or one of the workspace's items."""

    sample = forms.CharField(
        required=False,
        strip=False,
        max_length=MAX_SAMPLE_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", "spellcheck": "false"}),
        error_messages={
            "max_length": f"A sample has at most {MAX_SAMPLE_CHARACTERS:,} characters."
        },
    )
    item = forms.CharField(required=False, max_length=32)


class RulesForm(PolicyForm):
    """All of a policy that stands once in it, with a field for each category and subtype."""

    operating_point = forms.ChoiceField(choices=list(POINTS.items()), initial=BALANCED)
    default_operator = forms.ChoiceField(choices=_OPERATORS, initial=str(Operator.REPLACE))
    naming = forms.ChoiceField(choices=[(str(n), words) for n, words in NAMINGS.items()])
    numbering = forms.ChoiceField(choices=[(str(n), words) for n, words in NUMBERINGS.items()])
    mask_length = forms.IntegerField(
        required=False, min_value=1, max_value=100, initial=5, label="Length of masks"
    )
    shared_numbers = forms.BooleanField(required=False)
    needs_approval = forms.BooleanField(required=False)
    needs_two = forms.BooleanField(required=False)
    shows_unreviewed = forms.BooleanField(required=False)
    retention_days = forms.IntegerField(
        required=False, min_value=1, max_value=36_500, label="Days for which items are kept"
    )
    never_exact = TermsField(label="Never hidden, written exactly so")
    never_folded = TermsField(label="Never hidden, in any spelling")
    never_patterns = TermsField(label="Never hidden, patterns")
    note = forms.CharField(
        required=False, max_length=PolicyVersion._meta.get_field("note").max_length
    )
    if_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for label, name in _LABELS:
            self.fields[f"operator_{label}"] = forms.ChoiceField(
                choices=[("", "as the others"), *_OPERATORS],
                required=False,
                label=name,
                widget=PlainSelect,
            )
            self.fields[f"threshold_{label}"] = _threshold(f"Least certainty of {name}")
            for subtype in SUBTYPES.get(label, ()):
                self.fields[f"subtype_{subtype}"] = forms.ChoiceField(
                    choices=[("", "as its category"), *_OPERATORS],
                    required=False,
                    label=subtype_name(subtype),
                    widget=PlainSelect,
                )
        for field in self.fields.values():
            self.dress(field)

    def clean(self) -> dict[str, Any]:
        """Check what depends on more than one field."""
        data = super().clean() or {}
        if data.get("needs_two") and not data.get("needs_approval"):
            self.add_error("needs_two", "Two can only approve where approval is needed.")
        return data


class AlwaysForm(PolicyForm):
    """Terms that are always hidden as one category."""

    label = forms.ChoiceField(choices=_LABELS)
    exact = TermsField()
    folded = TermsField()
    patterns = TermsField()

    def __init__(
        self, *args: Any, own: list[tuple[str, str]] | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        label: Any = self.fields["label"]
        label.choices = [*_LABELS, *(own or [])]


class CategoryForm(PolicyForm):
    """A category of the workspace's own."""

    name = forms.CharField(required=False, max_length=40)
    colour = forms.TypedChoiceField(
        choices=[(str(one), f"Colour {one}") for one in range(1, 9)],
        coerce=int,
        initial="1",
        widget=forms.RadioSelect,
    )
    operator = forms.ChoiceField(choices=[("", "as the others"), *_OPERATORS], required=False)
    exact = TermsField()
    folded = TermsField()
    patterns = TermsField()

    def clean(self) -> dict[str, Any]:
        """Ask for a name where there are terms."""
        data = super().clean() or {}
        has_terms = any(data.get(field, "").strip() for field in TERM_FIELDS)
        if has_terms and not data.get("name") and "name" not in self.errors:
            self.add_error("name", "Give the category a name.")
        return data


def _threshold(label: str) -> forms.FloatField:
    return forms.FloatField(required=False, min_value=0, max_value=1, label=label)
