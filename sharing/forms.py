"""What every form asks that takes something in: where, until when, and how it is hidden."""

from __future__ import annotations

from typing import Any

from django import forms

from anonymizer.text import Style
from inference.engine import operating_points
from sharing.expiry import EXPIRY_CHOICES, expiry_time
from sharing.places import NoSuchPolicyError, Offer
from sharing.services import Place


class SharingForm(forms.Form):
    """The place, the expiry, the style and the operating point of a new item.

    offer: where its person may put it; None for who is not signed in
    """

    where = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "You cannot add anything to this workspace any more."},
    )
    policy = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": "This policy cannot be chosen any more."},
    )
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

    def __init__(self, *args: Any, offer: Offer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        fields: dict[str, Any] = self.fields
        if offer is not None:
            fields["where"].choices, fields["policy"].choices = offer.where, offer.policy
            fields["where"].initial = offer.last
        # A program, or a page from before a sign-in, may not know these fields: "" is fine.
        for name in ("where", "policy"):
            if not fields[name].choices:
                del fields[name]

    @property
    def chosen_where(self) -> str:
        """Return the workspace that is shown as chosen."""
        return str(self["where"].value() or self["where"].initial or "")

    def clean(self) -> dict[str, Any]:
        """Turn the choices of an expiry and of a place into what they mean.

        They stand under `expires_at` and `place` then; `place` is None for who is not signed in.
        """
        data = super().clean() or {}
        data["place"] = self._place(data)
        try:
            data["expires_at"] = expiry_time(data.get("expires", ""), data.get("expires_at"))
        except ValueError as exc:
            if "expires_at" not in self.errors:
                self.add_error("expires_at", str(exc))
        return data

    def _place(self, data: dict[str, Any]) -> Place | None:
        if self.offer is None or {"where", "policy"} & self.errors.keys():
            return None
        try:
            return self.offer.place(data.get("where", ""), data.get("policy", ""))
        except NoSuchPolicyError:
            self.add_error("policy", "This policy belongs to another workspace: choose again.")
            return None
