"""Names that people give: of folders, tags and views."""

from __future__ import annotations

from typing import Any

from django import forms

from entries.models import Colour, Folder, SavedView, Tag


def _length(model: Any) -> int:
    return int(model._meta.get_field("name").max_length)


class NameField(forms.CharField):
    """A name in one line: no control characters, no white space at the ends or doubled."""

    def __init__(self, model: Any, noun: str) -> None:
        longest = _length(model)
        super().__init__(
            max_length=longest,
            error_messages={
                "required": f"Give the {noun} a name.",
                "max_length": f"A name has at most {longest} characters.",
            },
        )

    def to_python(self, value: Any) -> str:
        """Return the name as it is kept."""
        text = "".join(char if char.isprintable() else " " for char in str(value or ""))
        return " ".join(text.split())


class FolderForm(forms.Form):
    """A folder's name and the folder around it."""

    name = NameField(Folder, "folder")
    parent = forms.IntegerField(required=False, min_value=1, max_value=2**53)


class TagForm(forms.Form):
    """A tag's name and colour."""

    name = NameField(Tag, "tag")
    colour = forms.ChoiceField(choices=Colour.choices, initial=Colour.GREY)


class ViewForm(forms.Form):
    """A view's name, and the filters it keeps as they stand in the list's address."""

    name = NameField(SavedView, "view")
    query = forms.CharField(required=False, max_length=2000)
