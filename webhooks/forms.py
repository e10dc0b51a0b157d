"""What people type to make a webhook."""

from __future__ import annotations

from typing import Any

from django import forms

from webhooks.addresses import AddressError, check_url
from webhooks.models import MAX_URL, Event


class WebhookForm(forms.Form):
    """Where to send, and what to tell of."""

    url = forms.CharField(max_length=MAX_URL)
    events = forms.MultipleChoiceField(
        choices=Event.choices,
        initial=[event.value for event in Event],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )

    def clean_url(self) -> str:
        """Return an address that a webhook may have."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            check_url(url)
        except AddressError as exc:
            raise forms.ValidationError(str(exc)) from exc
        return url

    def chosen(self) -> list[Event]:
        """Return the events."""
        data: Any = self.cleaned_data
        return [Event(name) for name in data["events"]]
