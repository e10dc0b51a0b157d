"""Redacts texts and files with a Blackbar server."""

from blackbar.client import AsyncClient, Client
from blackbar.deliveries import Delivery, SignatureError, verify_delivery
from blackbar.document import CleanFile, Document, DocumentPage, OriginalDocument, Progress
from blackbar.errors import (
    AuthenticationError,
    BlackbarError,
    ConfigurationError,
    ConflictError,
    DeadlineError,
    DetectionFailedError,
    DocumentFailedError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotReadyError,
    ProblemError,
    RateLimitedError,
    ServerError,
    TooLargeError,
    TransportError,
    UnexpectedAnswerError,
)
from blackbar.images import Bar, Bars
from blackbar.jobs import Job
from blackbar.keys import Key, Limit, NewKey, Usage
from blackbar.pastes import OriginalPaste, Paste, PastePage, PasteSpan
from blackbar.sharing import Link
from blackbar.spans import Edit, Span
from blackbar.texts import Entity, Redacted, Restored
from blackbar.webhooks import DeliveryPage, NewWebhook, SentDelivery, Webhook

__all__ = [
    "AsyncClient",
    "AuthenticationError",
    "Bar",
    "Bars",
    "BlackbarError",
    "CleanFile",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "DeadlineError",
    "Delivery",
    "DeliveryPage",
    "DetectionFailedError",
    "Document",
    "DocumentFailedError",
    "DocumentPage",
    "Edit",
    "Entity",
    "ForbiddenError",
    "InvalidError",
    "Job",
    "Key",
    "Limit",
    "Link",
    "NewKey",
    "NewWebhook",
    "NotFoundError",
    "NotReadyError",
    "OriginalDocument",
    "OriginalPaste",
    "Paste",
    "PastePage",
    "PasteSpan",
    "ProblemError",
    "Progress",
    "RateLimitedError",
    "Redacted",
    "Restored",
    "SentDelivery",
    "ServerError",
    "SignatureError",
    "Span",
    "TooLargeError",
    "TransportError",
    "UnexpectedAnswerError",
    "Usage",
    "Webhook",
    "verify_delivery",
]
