"""What a policy can tell apart: the subtypes of each category, and words for its choices."""

from __future__ import annotations

from collections.abc import Mapping

from anonymizer.operators.policy import Naming, Numbering, Operator
from inference.engine.operating_points import BALANCED, HIGH_PRECISION, HIGH_RECALL

# As docs/detection.md lists them; a test compares the two.
SUBTYPES: Mapping[str, tuple[str, ...]] = {
    "private_url": ("IP_ADDRESS", "URL_WITH_CREDENTIALS", "URL_WITH_TOKEN", "PROFILE"),
    "private_date": ("DATE_OF_BIRTH",),
    "account_number": (
        "SSN", "NATIONAL_ID", "TAX_ID", "VAT_ID", "HEALTH_ID", "PASSPORT", "DRIVER_LICENSE",
        "CREDIT_CARD", "CVV", "IBAN", "BIC", "BANK_ACCOUNT", "CRYPTO_WALLET", "EMPLOYEE_ID",
        "CUSTOMER_ID", "POLICY_NUMBER", "CASE_NUMBER", "LICENSE_PLATE", "VEHICLE_ID", "DEVICE_ID",
        "MAC_ADDRESS", "USERNAME",
    ),
    "secret": ("PASSWORD", "PIN", "API_KEY", "TOKEN", "JWT", "PRIVATE_KEY", "SEED_PHRASE"),
}  # fmt: skip
# Without `tag`, which leaves the value in sight: nothing that is shared may.
OPERATORS: Mapping[Operator, str] = {
    Operator.REPLACE: "replace",
    Operator.MASK: "mask",
    Operator.CATEGORY: "category",
    Operator.HASH: "hash",
    Operator.SURROGATE: "surrogate",
    Operator.KEEP: "off",
}
OPERATOR_EXAMPLES: Mapping[Operator, str] = {
    Operator.REPLACE: "[PERSON_1]: the same value, the same number",
    Operator.MASK: "█████",
    Operator.CATEGORY: "[PERSON]",
    Operator.HASH: "[PERSON_K5QW2N7TZC4A]: the same in the whole workspace",
    Operator.SURROGATE: "Maria Stone: an invented value of the same kind",
    Operator.KEEP: "not hidden",
}
POINTS: Mapping[str, str] = {
    BALANCED: "balanced",
    HIGH_RECALL: "high recall: hide more when in doubt",
    HIGH_PRECISION: "high precision: hide less when in doubt",
}
NAMINGS: Mapping[Naming, str] = {
    Naming.FINE: "fine: [IBAN_1], [PERSON_1]",
    Naming.PLAIN: "plain: twelve broad types",
    Naming.LABEL: "label: [PRIVATE_PERSON_1]",
}
NUMBERINGS: Mapping[Numbering, str] = {
    Numbering.TYPE: "within each type",
    Numbering.ALL: "over all types",
}
