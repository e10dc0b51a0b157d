"""How an item is hidden: by its policy, or without one by its style. Decided here alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from anonymizer.operators.apply import apply, types_of
from anonymizer.operators.placeholders import find_placeholders
from anonymizer.operators.policy import Operator, Policy
from anonymizer.rules import Rules
from anonymizer.text import Bar, Redaction, Style, redact
from entries.models import Entry
from inference.engine.spans import Span
from policies.models import PolicyVersion
from policies.pseudonyms import Value, drop_unused, give_numbers, lend_numbers, numbers_of
from policies.services import rules_of
from sharing.models import Shared
from workspaces.keys import hash_key_of
from workspaces.models import Workspace

# What has a number in its placeholder; a surrogate where nothing realistic is known.
_NUMBERED = frozenset({Operator.REPLACE, Operator.SURROGATE})


def version_of(item: Shared) -> PolicyVersion | None:
    """Return the version under which an item stands, with what opening it needs."""
    entry = item.entry
    if entry is None or entry.policy_version_id is None:
        return None
    versions = PolicyVersion.objects.select_related("policy__workspace__envelope")
    return versions.get(pk=entry.policy_version_id)


def rules_for(item: Shared) -> Rules | None:
    """Return the rules under which an item stands, None without a policy. Raises UnsealError."""
    version = version_of(item)
    return None if version is None else rules_of(version)


def own_labels(item: Shared) -> frozenset[str]:
    """Return the labels of the categories that an item's policy has of its own."""
    rules = rules_for(item)
    return frozenset() if rules is None else rules.labels


def redaction_of(item: Any, text: str, spans: Sequence[Span]) -> Redaction:
    """Return an item's text with its spans hidden, as it is shared.

    By the operators of its policy, with the workspace's hashes, surrogates and, where the policy
    says so, its pseudonyms; without a policy by the item's style. Writes nothing. Raises
    UnsealError.
    """
    rules = rules_for(item)
    if rules is None:
        return redact(text, spans, Style(item.style))
    workspace = item.entry.workspace
    if not rules.shared_numbers:
        return _hidden(workspace, rules.policy, text, spans)
    values = _values(text, spans, rules.policy)
    numbers = numbers_of(workspace, [value for value in values if value is not None])
    return _hidden(workspace, rules.policy, text, spans, _in_order(values, numbers))


def published_redaction_of(item: Any, text: str, spans: Sequence[Span]) -> Redaction:
    """Return what `redaction_of` does, for a transaction that publishes it.

    Values that are new get their pseudonyms, and those that this item no longer shows go with
    what they stood for, if no other item shows them. Raises UnsealError.
    """
    entry: Entry | None = item.entry
    if entry is None:
        return redact(text, spans, Style(item.style))
    # What was never published shows none.
    before = set(entry.pseudonyms.values_list("pk", flat=True)) if entry.ready_at else set()
    rules = rules_for(item)
    if rules is None or not rules.shared_numbers:
        redaction = redaction_of(item, text, spans)
        after: set[int] = set()
    else:
        values = _values(text, spans, rules.policy)
        taken = {found.key for found in find_placeholders(text)}
        numbers, rows = give_numbers(
            entry.workspace, [value for value in values if value is not None], taken
        )
        after = {row.pk for row in rows}
        redaction = _hidden(entry.workspace, rules.policy, text, spans, _in_order(values, numbers))
    if after != before:
        entry.pseudonyms.set(after)
        drop_unused(entry.workspace_id, before - after)
    return redaction


def lent_numbers(
    workspace: Workspace, policy: Policy, texts: Sequence[tuple[str, Sequence[Span]]]
) -> list[list[int]]:
    """Return the numbers of the spans of texts that are kept nowhere: see `lend_numbers`.

    Raises UnsealError.
    """
    values = [_values(text, spans, policy) for text, spans in texts]
    taken = {found.key for text, _ in texts for found in find_placeholders(text)}
    asked = [value for row in values for value in row if value is not None]
    numbers = lend_numbers(workspace, asked, taken)
    return [_in_order(row, numbers) for row in values]


def point_under(version: PolicyVersion | None, otherwise: str) -> str:
    """Return the operating point at which a version has texts scanned. Raises UnsealError."""
    return otherwise if version is None else rules_of(version).operating_point


def ends_under(
    version: PolicyVersion | None, expires_at: datetime | None, *, since: datetime
) -> datetime | None:
    """Return when an item ends: as wished, but no later than its policy keeps it.

    since: when the item was made
    """
    if version is None or version.retention_days is None:
        return expires_at
    latest = since + timedelta(days=version.retention_days)
    return latest if expires_at is None else min(expires_at, latest)


def _hidden(
    workspace: Workspace,
    policy: Policy,
    text: str,
    spans: Sequence[Span],
    numbers: Sequence[int] | None = None,
) -> Redaction:
    redacted = apply(text, spans, policy, key=hash_key_of(workspace), numbers=numbers)
    bars = (
        # Only what is replaced tells by its number which places hold the same value.
        Bar(
            one.start,
            one.end,
            one.span.label,
            one.number if one.operator is Operator.REPLACE else 0,
        )
        for one in redacted.hidden
    )
    return Redaction(redacted.text, tuple(bars))


def _values(text: str, spans: Sequence[Span], policy: Policy) -> list[Value | None]:
    """Return what of each span has a pseudonym, None where its operator needs none."""
    types = types_of(text, spans, policy)
    return [
        Value(name, text[span.start : span.end]) if policy.operator_for(span) in _NUMBERED else None
        for span, name in zip(spans, types, strict=True)
    ]


def _in_order(values: Sequence[Value | None], numbers: dict[Value, int]) -> list[int]:
    return [0 if value is None else numbers.get(value, 0) for value in values]
