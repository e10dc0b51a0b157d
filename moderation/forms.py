"""What a reader says who reports a page."""

from __future__ import annotations

from django import forms

from moderation.models import Reason

LONGEST_MESSAGE = 1_000


class ReportForm(forms.Form):
    """A reason, and a few words."""

    reason = forms.ChoiceField(
        choices=Reason.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what is wrong with the page.",
            "invalid_choice": "Choose what is wrong with the page.",
        },
    )
    message = forms.CharField(
        required=False,
        max_length=LONGEST_MESSAGE,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
        error_messages={"max_length": f"Say it in up to {LONGEST_MESSAGE:,} characters."},
    )
