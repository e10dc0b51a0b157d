"""The policies of a person's own workspace in the export of everything they own."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export import Exported, as_json
from accounts.models import User
from policies.models import PolicyVersion
from policies.services import rules_of


def export_policies(user: User) -> Iterator[Exported]:
    """Yield what each policy of a person's own workspace says and said. A team's are the team's."""
    versions = PolicyVersion.objects.filter(policy__workspace__person=user)
    for version in versions.select_related("policy__workspace__envelope").order_by("pk"):
        yield as_json(
            f"policies/{version.policy_id}-{version.number}.json",
            {
                "policy": version.policy.name,
                "version": version.number,
                "note": version.note,
                "made_at": version.created_at,
                "rules": rules_of(version).as_json(),
            },
        )
