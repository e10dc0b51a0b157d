"""What services of workspaces raise."""


class WorkspaceError(Exception):
    """Base of what services of workspaces raise; the message is a sentence for the user."""


class LastOwnerError(WorkspaceError):
    """Raised when a workspace would be left without an owner."""


class NotAllowedError(WorkspaceError):
    """Raised when somebody may not do that any more: their role was changed meanwhile."""


class PersonalError(WorkspaceError):
    """Raised for what cannot be done with a person's own workspace."""


class NoMemberError(WorkspaceError):
    """Raised when somebody is no member, or not any more."""


class InvitationEndedError(WorkspaceError):
    """Raised when an invitation is unknown, was used or withdrawn, or has run out."""


class AlreadyMemberError(WorkspaceError):
    """Raised when somebody is invited to where they are."""


class TooManyError(WorkspaceError):
    """Raised when a workspace has as many of something as one may have."""


class WrongNameError(WorkspaceError):
    """Raised when the name that was typed to confirm is not the workspace's."""
