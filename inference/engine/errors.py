"""What can go wrong while finding spans, one sentence each."""

from __future__ import annotations


class InferenceError(Exception):
    """Base of all errors of this package; its text is a sentence that may be shown to a user."""


class EmissionsError(InferenceError):
    """Raised when a model's answer cannot be decoded, such as NaN scores from damaged weights."""


class CoverageError(InferenceError):
    """Raised when a model did not look at every visible character of a text."""


class OperatingPointError(InferenceError):
    """Raised when an operating point is unknown or the calibration file is damaged."""


class CheckpointError(InferenceError):
    """Base of the errors of finding and loading a checkpoint."""


class CheckpointNotFound(CheckpointError):
    """Raised when the checkpoint is neither a directory nor in the local hub cache."""


class CheckpointDamaged(CheckpointError):
    """Raised when a file of the checkpoint is missing, incomplete or contradicts another."""


class CheckpointUnsupported(CheckpointError):
    """Raised when a checkpoint is of a kind, or needs software, that is not at hand."""
