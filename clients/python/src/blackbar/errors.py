"""What can go wrong. No message holds anything that was sent or received but stable codes."""

from __future__ import annotations

from collections.abc import Sequence


class BlackbarError(Exception):
    """The base of all errors of this package."""


class ConfigurationError(BlackbarError):
    """Raised before anything is sent: no address, an unsafe address, a key that is none."""


class TransportError(BlackbarError):
    """Raised when the server cannot be reached, or the connection breaks.

    was_sent: the request may have arrived; False if it surely has not
    """

    def __init__(self, message: str = "", *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class UnexpectedAnswerError(BlackbarError):
    """Raised when an answer is none of this API's: another server, a proxy, another version."""


class DeadlineError(BlackbarError):
    """Raised when something is not done in time. It goes on at the server.

    id: of the job or the document, to ask for it later
    """

    def __init__(self, message: str = "", *, id: str = "") -> None:
        super().__init__(message)
        self.id = id


class DocumentFailedError(BlackbarError):
    """Raised when a file cannot be read, or there is no clean file of it.

    code: "unknown_kind", "damaged", "too_large", "password", "scan_failed", "stopped",
          "clean_blocked" or "clean_failed"
    """

    def __init__(self, message: str = "", *, id: str = "", code: str = "") -> None:
        super().__init__(message)
        self.id, self.code = id, code


class ProblemError(BlackbarError):
    """Raised for an answer of the server that says no.

    status:              of HTTP
    code:                stable, see the API's documentation; "" for an answer without one
    detail:              the server's sentence; stays out of the message
    fields:              names of the fields that make no sense
    retry_after_seconds: None if the server names no time
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 0,
        code: str = "",
        detail: str = "",
        fields: Sequence[str] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.detail = status, code, detail
        self.fields = tuple(fields)
        self.retry_after_seconds = retry_after_seconds


class AuthenticationError(ProblemError):
    """The key is missing, unknown, expired or revoked (401)."""


class ForbiddenError(ProblemError):
    """The key may not do this (403)."""


class NotFoundError(ProblemError):
    """Unknown, expired, fetched already, or not yours (404)."""


class NotReadyError(ProblemError):
    """The work on it still goes on (409)."""


class ConflictError(ProblemError):
    """It was changed elsewhere meanwhile, or there is one already (409)."""


class TooLargeError(ProblemError):
    """More than the server takes at once (413)."""


class InvalidError(ProblemError):
    """What was sent makes no sense to the server; `fields` names where (400, 405, 415, 422)."""


class RateLimitedError(ProblemError):
    """Too many requests (402, 429)."""


class DetectionFailedError(ProblemError):
    """The detector could not read a text; nothing was kept (502)."""


class ServerError(ProblemError):
    """The server, or a part of it, is out of order (5xx)."""


_BY_CODE: dict[str, type[ProblemError]] = {
    "not_ready": NotReadyError,
    "clean_making": NotReadyError,
    "clean_none": NotReadyError,
    "detection_failed": DetectionFailedError,
}
_BY_STATUS: dict[int, type[ProblemError]] = {
    400: InvalidError,
    401: AuthenticationError,
    402: RateLimitedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: InvalidError,
    409: ConflictError,
    413: TooLargeError,
    415: InvalidError,
    422: InvalidError,
    429: RateLimitedError,
}


def problem_class(status: int, code: str) -> type[ProblemError]:
    """Return the class of error for an answer."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    return _BY_STATUS.get(status, ServerError if status >= 500 else ProblemError)
