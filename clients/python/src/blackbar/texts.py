"""Texts: redacted, redacted many at once, restored."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

from blackbar.answers import Fields
from blackbar.errors import UnexpectedAnswerError
from blackbar.jobs import DEFAULT_TIMEOUT_SECONDS, finished
from blackbar.steps import Answer, Request, Steps, address, encoded

Operator = Literal["replace", "mask", "tag", "category", "hash", "surrogate", "keep"]
OffsetUnit = Literal["code_point", "utf16"]
Text = str | tuple[str | int, str]
_REVERSIBLE = frozenset({"replace", "surrogate"})


class Options(TypedDict, total=False):
    """How texts are redacted; the API's documentation says what each means.

    wait: seconds that the server holds a request before it becomes a job, which this package
          waits for as well
    """

    operator: Operator
    operators: Mapping[str, Operator]
    naming: Literal["fine", "plain", "label"]
    numbering: Literal["type", "all"]
    mask_length: int | Literal["value"]
    hash_key: str
    operating_point: Literal["balanced", "high_recall", "high_precision"]
    offset_unit: OffsetUnit
    wait: float


@dataclass(frozen=True, slots=True, repr=False)
class Entity:
    """What was hidden at one place.

    start, end:                   in the original, half-open, in the unit that was asked for
    redacted_start, redacted_end: in the redacted text
    score:                        the detector's certainty, 0 to 1
    """

    type: str
    label: str
    subtype: str | None
    number: int | None
    operator: str
    original: str
    replacement: str
    start: int
    end: int
    redacted_start: int
    redacted_end: int
    score: float
    detector: str
    reason: str

    def __repr__(self) -> str:
        return f"<Entity {self.label}, {self.start} to {self.end}>"


@dataclass(frozen=True, slots=True, repr=False)
class Redacted:
    """A redacted text, and what was hidden in it.

    characters: of the original, in code points
    id:         of a text of a batch
    """

    text: str
    entities: tuple[Entity, ...]
    counts: Mapping[str, int]
    characters: int
    offset_unit: str
    id: str | int | None = None

    @property
    def map(self) -> dict[str, str]:
        """Originals by placeholder or surrogate, each in the spelling that stands first."""
        found: dict[str, str] = {}
        for entity in self.entities:
            if entity.operator in _REVERSIBLE:
                found.setdefault(entity.replacement, entity.original)
        return found

    def __repr__(self) -> str:
        return f"<Redacted, {self.characters} characters, {len(self.entities)} hidden>"


@dataclass(frozen=True, slots=True, repr=False)
class Restored:
    """A text with its originals.

    count:   how many places were restored
    missing: placeholders that were given and do not stand in the text
    """

    text: str
    count: int
    missing: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Restored, {self.count} places, {len(self.missing)} missing>"


def redact(
    text: str,
    *,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Steps[Redacted]:
    """Redact a text. It is kept nowhere once this returns.

    timeout: seconds for all of it
    Raises DeadlineError, ProblemError, TransportError. What interrupts the wait cancels the job.
    """
    answer = yield from _submitted("redact", {"text": text}, options, idempotency_key)
    answer = yield from finished(answer, timeout)
    return redacted_from(Fields(answer.json()))


def batch(
    texts: Sequence[Text],
    *,
    timeout: float = DEFAULT_TIMEOUT_SECONDS,
    idempotency_key: str | None = None,
    **options: Unpack[Options],
) -> Steps[list[Redacted]]:
    """Redact texts at once, each by itself; a text may come with an id: `("a7", "Ann Lee")`.

    timeout: seconds for all of it
    Returns them in their order. Raises what `redact` does.
    """
    if not texts:
        return []
    sent = [
        {"id": one[0], "text": one[1]} if isinstance(one, tuple) else {"id": index, "text": one}
        for index, one in enumerate(texts)
    ]
    answer = yield from _submitted("batch", {"texts": sent}, options, idempotency_key)
    answer = yield from finished(answer, timeout)
    results = [redacted_from(one) for one in Fields(answer.json()).objects("results")]
    if len(results) != len(texts):
        raise UnexpectedAnswerError("The answer has another number of texts than the request.")
    return results


def restore(
    text: str,
    originals: Redacted | Sequence[Entity] | Mapping[str, str],
    *,
    offset_unit: OffsetUnit = "code_point",
    idempotency_key: str | None = None,
) -> Steps[Restored]:
    """Put originals back into a text, which may have been rewritten meanwhile.

    originals:   what `redact` gave, its entities, or a map from placeholder to original
    offset_unit: of entities; a Redacted knows its own
    Raises ProblemError, TransportError.
    """
    body: dict[str, Any] = {"text": text, "offset_unit": offset_unit}
    if isinstance(originals, Mapping):
        body["map"] = dict(originals)
    else:
        if isinstance(originals, Redacted):
            body["offset_unit"], originals = originals.offset_unit, originals.entities
        body["entities"] = [entity_as_json(one) for one in originals]
    answer = yield _post("restore", body, idempotency_key)
    told = Fields(answer.json())
    return Restored(told.text("text"), told.whole("restored"), told.texts("missing"))


def submit(
    text: str, *, idempotency_key: str | None = None, **options: Unpack[Options]
) -> Steps[str | Redacted]:
    """Hand in a text without waiting.

    Returns the id of its job, or the result if it was there at once. Raises ProblemError,
    TransportError.
    """
    options["wait"] = 0
    answer = yield from _submitted("redact", {"text": text}, options, idempotency_key)
    told = Fields(answer.json())
    return told.text("id") if answer.status == 202 else redacted_from(told)


def result(job_id: str) -> Steps[Redacted | list[Redacted]]:
    """Return what a job found: one text, or those of a batch. The server gives it once.

    Raises NotReadyError while there is none, NotFoundError, ProblemError, TransportError.
    """
    answer = yield Request("GET", address("jobs", job_id, "result"), is_repeatable=True)
    return _results(answer)


def wait_for_result(
    job_id: str, *, timeout: float = DEFAULT_TIMEOUT_SECONDS
) -> Steps[Redacted | list[Redacted]]:
    """Wait for what a job finds. What interrupts the wait leaves the job as it is.

    timeout: in seconds
    Raises DeadlineError, and what `result` does.
    """
    accepted = Answer(202, {}, encoded({"id": job_id}))
    return _results((yield from finished(accepted, timeout, is_ours=False)))


def entity_as_json(entity: Entity) -> dict[str, Any]:
    """Return what restoring needs to know of an entity."""
    return {
        "operator": entity.operator,
        "original": entity.original,
        "replacement": entity.replacement,
        "redacted_start": entity.redacted_start,
        "redacted_end": entity.redacted_end,
    }


def entities_from(told: Fields) -> tuple[Entity, ...]:
    """Return the entities of an answer. Raises UnexpectedAnswerError."""
    return tuple(_entity_from(one) for one in told.objects("entities"))


def redacted_from(told: Fields) -> Redacted:
    """Return a redacted text of an answer. Raises UnexpectedAnswerError."""
    return Redacted(
        text=told.text("redacted_text"),
        entities=entities_from(told),
        counts=told.counts("counts"),
        characters=told.whole("characters"),
        offset_unit=told.text("offset_unit"),
        id=told.identity("id"),
    )


def _entity_from(told: Fields) -> Entity:
    return Entity(
        type=told.text("type"),
        label=told.text("label"),
        subtype=told.text_or_none("subtype"),
        number=told.whole_or_none("number"),
        operator=told.text("operator"),
        original=told.text("original"),
        replacement=told.text("replacement"),
        start=told.whole("start"),
        end=told.whole("end"),
        redacted_start=told.whole("redacted_start"),
        redacted_end=told.whole("redacted_end"),
        score=told.number("score"),
        detector=told.text("detector"),
        reason=told.text("reason"),
    )


def _results(answer: Answer) -> Redacted | list[Redacted]:
    told = Fields(answer.json())
    if told.text_or_none("redacted_text") is not None:
        return redacted_from(told)
    return [redacted_from(one) for one in told.objects("results")]


def _submitted(
    path: str, what: dict[str, Any], options: Options, idempotency_key: str | None
) -> Steps[Answer]:
    return (yield _post(path, {**options, **what}, idempotency_key))


def _post(path: str, body: dict[str, Any], idempotency_key: str | None) -> Request:
    return Request(
        "POST",
        address(path),
        body=encoded(body),
        headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
        is_repeatable=True,
    )
