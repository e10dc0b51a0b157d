"""How the methods of a view are described: a decorator, which the schema reads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)

View = TypeVar("View", bound=Callable[..., Any])
Class = TypeVar("Class", bound=type)
Headers = Mapping[int, Sequence[str]]
NO_HEADERS: Headers = {}
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": 200},
    OpenApiParameter.HEADER,
    description=(
        "Any string of your own. The same request under the same key within a day is not counted"
        " again and finds the job of the first; another body under it is refused."
    ),
)
PROOF = OpenApiParameter(
    "Proof-Of-Work",
    {"type": "string", "maxLength": 200},
    OpenApiParameter.HEADER,
    description=(
        "`challenge:number`, for who has no key, where the server asks for it: see GET"
        " /proof-of-work. Taken once."
    ),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the schema says of a method besides what `extend_schema` takes.

    problems:  codes that it answers with, besides those that follow from its view
    headers:   names of response headers by status
    is_opened: it takes a reveal token
    is_owned:  it is for people with an account, even where its scope is not
    """

    problems: Sequence[str] = ()
    headers: Headers = field(default_factory=dict)
    is_opened: bool = False
    is_owned: bool = False


def describe(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    answers: Mapping[Any, Any],
    text: str = "",
    body: Any = None,
    problems: Sequence[str] = (),
    headers: Headers = NO_HEADERS,
    parameters: Sequence[OpenApiParameter] = (),
    is_opened: bool = False,
    is_owned: bool = False,
) -> Callable[[View], View]:
    """Describe a method of a view.

    answers:   by status, or by status and media type: what is returned
    body:      serializer of the request's body, or schemas by media type
    The other arguments are those of `Facts`.
    """

    def decorate(view: View) -> View:
        facts = Facts(problems, headers, is_opened, is_owned)
        view.facts = facts  # type: ignore[attr-defined]
        described: View = extend_schema(
            operation_id=operation_id,
            summary=summary,
            description=text or summary,
            tags=[tag],
            request=body,
            responses=dict(answers),
            parameters=list(parameters),
        )(view)
        return described

    return decorate


def described(**methods: Callable[[Any], Any]) -> Callable[[Class], Class]:
    """Describe the methods of a view class, its own and those that it shares with others."""

    def decorate(view: Class) -> Class:
        for name, description in methods.items():
            method = vars(view).get(name) or _own_copy(getattr(view, name))
            setattr(view, name, description(method))
        return view

    return decorate


def _own_copy(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that does the same, so that its description is of one class only."""

    @functools.wraps(method)
    def copy(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    copy.__dict__.clear()
    return copy


def answer(
    response: Any, description: str, example: Any = None, name: str = "Example"
) -> OpenApiResponse:
    """Return an answer with its description and, if there is one, an example."""
    examples = [OpenApiExample(name, value=example)] if example is not None else []
    return OpenApiResponse(response, description, examples)


def body_of(request: Any, **examples: Any) -> dict[str, OpenApiRequest]:
    """Return a JSON body with examples, whose names are read as words."""
    named = [
        OpenApiExample(name.replace("_", " ").capitalize(), value=value)
        for name, value in examples.items()
    ]
    return {"application/json": OpenApiRequest(request, examples=named)}
