"""What a policy says: which findings are hidden, which never, which always, and by which operator.

Pure functions over texts and spans: no Django, no database, nothing kept. `Rules.from_json` reads
what people wrote and answers with sentences for them; `apply_rules` makes the spans that are hidden
of those that the detector found.
"""

from anonymizer.rules.apply import apply_rules, is_always, joined
from anonymizer.rules.model import AlwaysHide, CustomCategory, Rules, Terms
from anonymizer.rules.problems import RulesError

__all__ = [
    "AlwaysHide",
    "CustomCategory",
    "Rules",
    "RulesError",
    "Terms",
    "apply_rules",
    "is_always",
    "joined",
]
