"""What people type about workspaces and their members."""

from __future__ import annotations

from typing import ClassVar

from django import forms

from workspaces.roles import Role

LONGEST_NAME = 80
# Not seen, and needed to write some languages.
_JOINERS = "\u200c\u200d"


class NameForm(forms.Form):
    """What a workspace is called."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        error_messages={
            "required": "Give it a name.",
            "max_length": f"The name is longer than {LONGEST_NAME} characters.",
        },
    )

    def clean_name(self) -> str:
        """Return the name on one line, with single spaces, and with something to be seen."""
        typed = str(self.cleaned_data["name"])
        shown = "".join(char if char.isprintable() or char in _JOINERS else " " for char in typed)
        name = " ".join(shown.split())
        if not any(char.isalnum() for char in name):
            raise forms.ValidationError("Give it a name with at least one letter or number.")
        return name


class InvitationForm(forms.Form):
    """A new invitation: to which role, and for how long."""

    DAYS: ClassVar = {"1": "1 day", "7": "7 days", "30": "30 days"}

    role = forms.ChoiceField(choices=Role.choices, initial=Role.EDITOR)
    days = forms.ChoiceField(choices=list(DAYS.items()), initial="7")


class RoleForm(forms.Form):
    """A member and their new role."""

    member = forms.IntegerField(min_value=1)
    role = forms.ChoiceField(choices=Role.choices)


class MemberForm(forms.Form):
    """A member, or an invitation, that something is to be done with."""

    member = forms.IntegerField(min_value=1, max_value=2**62)
