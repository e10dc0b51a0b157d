"""What comes in through the pages of documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from documents import certificates
from sharing.forms import SharingForm

LONGEST_PASSWORD = 256


def megabytes(count: int) -> str:
    """Return a number of bytes in words for people: "3.2 MB", "40 kB"."""
    if count >= 1_000_000:
        return f"{count / 1e6:.1f}".removesuffix(".0") + " MB"
    return f"{max(1, round(count / 1000))} kB" if count else "0 kB"


class UploadForm(SharingForm):
    """A new document: a file, and how it is to be treated."""

    file = forms.FileField(
        allow_empty_file=True, error_messages={"required": "There is no file yet: choose one."}
    )
    password = forms.CharField(
        required=False, strip=False, max_length=LONGEST_PASSWORD, widget=forms.PasswordInput
    )
    rasterise = forms.BooleanField(required=False)

    # What is wrong with the file is said first.
    field_order = ("file",)

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what is empty or too large before anything is stored."""
        upload: UploadedFile[Any] = self.cleaned_data["file"]
        size = upload.size or 0
        if not size:
            raise forms.ValidationError(
                "This file is empty, so there is nothing to read.", code="empty"
            )
        if size > settings.MAX_FILE_BYTES:
            raise forms.ValidationError(too_large(size), code="too_large")
        return upload


class PasswordForm(forms.Form):
    """The password of an encrypted file."""

    password = forms.CharField(
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput,
        error_messages={"required": "Type the password that opens this file."},
    )


class VerifyForm(forms.Form):
    """A file and the certificate that is said to speak of it."""

    file = forms.FileField(
        allow_empty_file=True, error_messages={"required": "Choose the clean file."}
    )
    certificate = forms.FileField(
        allow_empty_file=True, error_messages={"required": "Choose its certificate."}
    )

    def clean_certificate(self) -> dict[str, Any]:
        """Return the certificate's fields."""
        upload: UploadedFile[Any] = self.cleaned_data["certificate"]
        try:
            return certificates.parse(upload.read())
        except ValueError as exc:
            raise forms.ValidationError(
                "This is no certificate of a clean file. Certificates are small JSON files."
            ) from exc


def too_large(size: int) -> str:
    """Return the sentence for a file that this server does not take."""
    return (
        f"This file has {megabytes(size)}; this server takes {megabytes(settings.MAX_FILE_BYTES)}."
        " Nothing of it was stored."
    )
