"""What every form asks that takes something in to be shared: until when, and how it is hidden."""

from __future__ import annotations

from typing import Any

from django import forms

from anonymizer.text import Style
from inference.engine import operating_points
from sharing.expiry import EXPIRY_CHOICES, expiry_time


class SharingForm(forms.Form):
    """The expiry, the style and the operating point of a new item."""

    expires = forms.ChoiceField(choices=EXPIRY_CHOICES, initial="7d")
    expires_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"invalid": "Give the date and the time at which it ends."},
    )
    style = forms.ChoiceField(
        choices=(
            (Style.PLACEHOLDER.value, "placeholders"),
            (Style.NUMBERED.value, "numbered"),
            (Style.MASK.value, "mask"),
        ),
        initial=Style.PLACEHOLDER.value,
    )
    operating_point = forms.ChoiceField(
        choices=[(name, name.replace("_", " ")) for name in operating_points.NAMES],
        initial=operating_points.BALANCED,
    )

    def clean(self) -> dict[str, Any]:
        """Turn the choice of an expiry into its time, under `expires_at`."""
        data = super().clean() or {}
        try:
            data["expires_at"] = expiry_time(data.get("expires", ""), data.get("expires_at"))
        except ValueError as exc:
            if "expires_at" not in self.errors:
                self.add_error("expires_at", str(exc))
        return data
