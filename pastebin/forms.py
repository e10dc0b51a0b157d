"""What comes in through the compose page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from sharing.forms import SharingForm

MAX_TITLE_CHARACTERS = 200


def decode_text(content: bytes) -> str:
    """Return a text file's characters. Raises ValueError if it is no text that can be read."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding)
    text = content.decode("utf-8-sig")
    if "\0" in text:
        raise ValueError("A binary file.")
    return text


class AnyTextField(forms.CharField):
    """A text taken as it is: not stripped, NUL allowed, since a log may hold anything."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.validators = [
            validator
            for validator in self.validators
            if type(validator).__name__ != "ProhibitNullCharactersValidator"
        ]


class ComposeForm(SharingForm):
    """A new paste: a text or a text file, and how it is to be treated."""

    title = forms.CharField(
        required=False,
        max_length=MAX_TITLE_CHARACTERS,
        error_messages={"max_length": "The title is longer than 200 characters."},
    )
    text = AnyTextField(required=False, widget=forms.Textarea)
    file = forms.FileField(required=False, allow_empty_file=True)
    burn = forms.BooleanField(required=False)

    field_order = ("title", "text", "file")

    def clean_file(self) -> str:
        """Return the file's text, or an empty string when there is none."""
        upload: UploadedFile[Any] | None = self.cleaned_data["file"]
        if upload is None:
            return ""
        # Four bytes hold any character in UTF-8 and UTF-16.
        if (upload.size or 0) > settings.MAX_PASTE_CHARACTERS * 4 + 4:
            raise forms.ValidationError(_too_long())
        try:
            text = decode_text(upload.read())
        except ValueError as exc:
            raise forms.ValidationError(
                "This file is not plain text. Nothing of it was stored."
            ) from exc
        if not text.strip():
            raise forms.ValidationError("This file is empty.")
        return text

    def clean(self) -> dict[str, Any]:
        """Check what depends on more than one field."""
        data = super().clean()
        text = data.get("text", "")
        if text.strip() and data.get("file"):
            self.add_error("file", "There is a text and a file: send one of them at a time.")
        elif not text.strip():
            text = data.get("file", "")
        if "file" in data and not text.strip():
            self.add_error("text", "There is no text yet: write, paste or drop something.")
        elif len(text) > settings.MAX_PASTE_CHARACTERS:
            self.add_error("text", _too_long())
        data["text"] = text
        return data


def _too_long() -> str:
    return (
        f"The text is longer than {settings.MAX_PASTE_CHARACTERS:,} characters, "
        "which is the most this server takes. Nothing was stored."
    )
