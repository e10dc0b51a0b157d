"""Rules: what has a checksum, a fixed form, or words that announce it.

Every rule takes the folded text and runs in time linear in it.
"""

from __future__ import annotations

from inference.engine.folding import fold
from inference.engine.rules.banking import find_bank_accounts
from inference.engine.rules.cards import find_cards
from inference.engine.rules.emails import find_emails
from inference.engine.rules.finding import Rule
from inference.engine.rules.keys import find_keys
from inference.engine.rules.national_ids import find_national_ids
from inference.engine.rules.network import find_dotted_mac_addresses, find_network_addresses
from inference.engine.rules.passwords import find_passwords
from inference.engine.rules.phones import find_phones
from inference.engine.rules.references import find_references
from inference.engine.rules.spelled import find_spelled_numbers
from inference.engine.rules.urls import find_private_urls
from inference.engine.rules.wallets import find_wallets
from inference.engine.spans import Span

RULES: tuple[Rule, ...] = (
    find_keys,
    find_passwords,
    find_private_urls,
    find_emails,
    find_cards,
    find_bank_accounts,
    find_national_ids,
    find_references,
    find_spelled_numbers,
    find_wallets,
    find_network_addresses,
    find_dotted_mac_addresses,
    find_phones,
)


def find_spans(text: str) -> list[Span]:
    """Return what the rules find, in code points of `text`; findings may overlap."""
    folded = fold(text)
    spans = []
    for rule in RULES:
        for finding in rule(folded.text):
            start, end = folded.to_original(finding.start, finding.end)
            spans.append(
                Span(
                    start,
                    end,
                    finding.label,
                    finding.score,
                    "rule",
                    finding.reason,
                    finding.subtype,
                )
            )
    return spans
