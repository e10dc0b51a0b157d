"""What a request for redaction asks for: read strictly, kept as plain values for a job."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from anonymizer.categories import CATEGORIES
from anonymizer.operators.policy import Naming, Numbering, Operator, Policy
from anonymizer.redaction import Result
from anonymizer.rules import apply_rules
from api.callers import Caller
from api.v1.problems import Problem
from api.v1.under import Under, read_under
from inference.engine.operating_points import BALANCED, NAMES
from inference.engine.spans import Span
from sharing.hiding import lent_numbers
from workspaces.roles import May
from workspaces.services import may_in

FIELDS = (
    "operator", "operators", "naming", "numbering", "mask_length", "hash_key", "operating_point",
    "offset_unit", "policy", "wait",
)  # fmt: skip
# What a policy says itself.
_OF_POLICIES = (
    "operator", "operators", "naming", "numbering", "mask_length", "operating_point",
)  # fmt: skip
UNITS = ("code_point", "utf16")
_MAX_MASK = 100
_SUBTYPE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_HASH_KEY_LENGTH = range(16, 201)


@dataclass(frozen=True, slots=True)
class Options:
    """How texts are redacted and how the answer counts.

    under: the policy version of a workspace that says what is hidden, and how
    """

    policy: Policy
    operating_point: str
    offset_unit: str
    hash_key: str
    wait_seconds: float
    under: Under | None = None

    def key_for(self, caller: Caller) -> bytes:
        """Return the key of hashes and surrogates: the request's, the workspace's or the caller's.

        Empty where none is needed. Raises UnsealError.
        """
        if self.hash_key:
            return self.hash_key.encode("utf-8", "surrogatepass")
        chosen = {self.policy.default, *self.policy.by_category.values()}
        if not chosen & {Operator.HASH, Operator.SURROGATE}:
            return b""
        return self.under.hash_key() if self.under is not None else caller.hash_key()

    def spans_of(self, result: Result) -> Sequence[Span]:
        """Return what is hidden of what was found."""
        if self.under is None:
            return result.spans
        return apply_rules(result.text, result.spans, self.under.rules)

    def numbers_for(
        self, caller: Caller, texts: Sequence[tuple[str, Sequence[Span]]]
    ) -> Sequence[Sequence[int] | None]:
        """Return the numbers of the spans of texts, None where they are each text's own.

        Those of the workspace where its policy says so, for who may add to it: numbers are used up.
        Raises UnsealError.
        """
        under = self.under
        if under is None or not under.rules.shared_numbers:
            return [None] * len(texts)
        workspace = under.version.policy.workspace
        if not may_in(caller.user.pk if caller.user else None, workspace.pk, May.EDIT):
            return [None] * len(texts)
        return lent_numbers(workspace, self.policy, texts)

    def as_json(self) -> dict[str, Any]:
        """Return what a job keeps, sealed."""
        policy = self.policy
        if self.under is not None:
            return {
                "policy": self.under.name,
                "offset_unit": self.offset_unit,
                "hash_key": self.hash_key or None,
            }
        return {
            "operator": policy.default,
            "operators": dict(policy.by_category),
            "naming": policy.naming,
            "numbering": policy.numbering,
            "mask_length": "value" if policy.mask_length is None else policy.mask_length,
            "offset_unit": self.offset_unit,
            "operating_point": self.operating_point,
            "hash_key": self.hash_key or None,
        }


def read_options(data: Mapping[str, Any], caller: Caller, *, is_job: bool = False) -> Options:
    """Return the options of a request. Raises Problem that names the fields, not their values.

    is_job: they were read before, when the job was made
    """
    errors: dict[str, list[str]] = {}

    def read(name: str, default: Any, check: Callable[[Any], bool], sentence: str) -> Any:
        value = data.get(name)
        if value is None:
            return default
        if not check(value):
            errors[name] = [sentence]
            return default
        return value

    operators = read("operators", {}, _are_operators, "It must be operators by label or subtype.")
    mask = read("mask_length", 5, _is_mask_length, f'It must be 1 to {_MAX_MASK}, or "value".')
    longest = settings.API_WAIT_SECONDS
    under = read_under(data.get("policy"), caller, errors, in_use=not is_job)
    if data.get("policy") is not None:
        for name in _OF_POLICIES:
            if data.get(name) is not None:
                errors[name] = ["Leave it out: the policy says it."]
    options = Options(
        policy=Policy(
            default=Operator(read("operator", "replace", *_one_of(Operator))),
            by_category={name: Operator(operator) for name, operator in operators.items()},
            naming=Naming(read("naming", "fine", *_one_of(Naming))),
            numbering=Numbering(read("numbering", "type", *_one_of(Numbering))),
            mask_length=None if mask == "value" else mask,
        ),
        operating_point=read("operating_point", BALANCED, *_one_of(NAMES)),
        offset_unit=read("offset_unit", "code_point", *_one_of(UNITS)),
        hash_key=read("hash_key", "", _is_hash_key, "It must have 16 to 200 characters."),
        wait_seconds=min(
            longest,
            read("wait", longest, is_wait, "It must be a number of seconds, 0 or more."),
        ),
    )
    if errors:
        raise Problem(422, "invalid", errors=errors)
    if under is None:
        return options
    rules = under.rules
    return replace(options, policy=rules.policy, operating_point=rules.operating_point, under=under)


def read_text(value: Any, field: str = "text") -> str:
    """Return a text that may be redacted. Raises Problem."""
    if not isinstance(value, str):
        raise Problem(422, "invalid", errors={field: ["It must be a string."]})
    if len(value) > settings.MAX_PASTE_CHARACTERS:
        most = settings.MAX_PASTE_CHARACTERS
        raise Problem(413, "too_large", f"A text may have {most} characters.")
    return value


def _one_of(choices: Any) -> tuple[Callable[[Any], bool], str]:
    names = [str(choice) for choice in choices]
    sentence = f"It must be one of {', '.join(names)}."
    return lambda value: isinstance(value, str) and value in names, sentence


def _are_operators(value: Any) -> bool:
    names = {str(operator) for operator in Operator}
    return isinstance(value, dict) and all(
        (name in CATEGORIES or _SUBTYPE.fullmatch(name))
        and isinstance(operator, str)
        and operator in names
        for name, operator in value.items()
    )


def _is_mask_length(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return value == "value" or (isinstance(value, int) and 1 <= value <= _MAX_MASK)


def _is_hash_key(value: Any) -> bool:
    return isinstance(value, str) and len(value) in _HASH_KEY_LENGTH


def is_wait(value: Any) -> bool:
    """Say whether a value is a number of seconds to wait."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1e6
