import pytest

from inference.engine.merge import union
from inference.engine.rules import find_spans
from inference.engine.rules.id_kinds import KINDS
from inference.engine.rules.keys import VENDOR_NAMES


def found(text: str) -> list[tuple[str, str, str]]:
    return [
        (text[span.start : span.end], span.label, span.subtype)
        for span in union(text, find_spans(text))
    ]


HEX = "0123456789abcdef" * 10
MIXED = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6"

FINDINGS = [
    # Cards: Luhn and issuer; grouped, spaced, disguised, spelled.
    ("card 4111 1111 1111 1111.", "4111 1111 1111 1111", "account_number", "CREDIT_CARD"),
    ("paid with 378282246310005", "378282246310005", "account_number", "CREDIT_CARD"),
    ("no 5555-5555-5555-4444", "5555-5555-5555-4444", "account_number", "CREDIT_CARD"),
    (
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "account_number",
        "CREDIT_CARD",
    ),
    ("4lll 1111 1111 l11l", "4lll 1111 1111 l11l", "account_number", "CREDIT_CARD"),
    (
        "４１１１ １１１１ １１１１ １１１１",
        "４１１１ １１１１ １１１１ １１１１",
        "account_number",
        "CREDIT_CARD",
    ),
    ("卡号4111111111111111。", "4111111111111111", "account_number", "CREDIT_CARD"),
    ("say four" + " one" * 15, "four" + " one" * 15, "account_number", "CREDIT_CARD"),
    ("vier" + " eins" * 15, "vier" + " eins" * 15, "account_number", "CREDIT_CARD"),
    ("κάρτα 4921 5678 9012 3456", "4921 5678 9012 3456", "account_number", "CREDIT_CARD"),
    ("CVV: 123", "123", "account_number", "CVV"),
    ("4111111111111111", "4111111111111111", "account_number", "CREDIT_CARD"),
    ("card: 30569309025904", "30569309025904", "account_number", "CREDIT_CARD"),
    # Digits said one by one, after what says their kind.
    (
        "my ssn is one two three four five six seven eight nine",
        "one two three four five six seven eight nine",
        "account_number",
        "SSN",
    ),
    (
        "call me at five five five one two three four five six seven",
        "five five five one two three four five six seven",
        "private_phone",
        "PHONE",
    ),
    (
        "Meine Kontonummer: eins zwei drei vier fünf sechs",
        "eins zwei drei vier fünf sechs",
        "account_number",
        "BANK_ACCOUNT",
    ),
    ("the pin is four three two one", "four three two one", "secret", "PIN"),
    ("SSN: 1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9", "account_number", "SSN"),
    # Banking.
    ("DE89 3704 0044 0532 0130 00 bitte", "DE89 3704 0044 0532 0130 00", "account_number", "IBAN"),
    ("gb82west12345698765432", "gb82west12345698765432", "account_number", "IBAN"),
    ("IBAN: FR867716012898391208", "FR867716012898391208", "account_number", "IBAN"),
    (
        "IBAN D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0 ok",
        "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0",
        "account_number",
        "IBAN",
    ),
    ("Kontonummer: 1234567890", "1234567890", "account_number", "BANK_ACCOUNT"),
    ("账号：6222020000000", "6222020000000", "account_number", "BANK_ACCOUNT"),
    # Identity numbers.
    ("it is 856-45-6789 ok", "856-45-6789", "account_number", "SSN"),
    ("SSN 078051120", "078051120", "account_number", "SSN"),
    ("CPF 529.982.247-25", "529.982.247-25", "account_number", "NATIONAL_ID"),
    ("DNI: 12345678Z", "12345678Z", "account_number", "NATIONAL_ID"),
    ("RSSMRA85T10A562S", "RSSMRA85T10A562S", "account_number", "TAX_ID"),
    ("NIR 2 95 10 99 126 111 93", "2 95 10 99 126 111 93", "account_number", "NATIONAL_ID"),
    ("身份证11010519491231002X", "11010519491231002X", "account_number", "NATIONAL_ID"),
    ("주민등록번호 900101-1234567", "900101-1234567", "account_number", "NATIONAL_ID"),
    ("PESEL: 44051401359", "44051401359", "account_number", "NATIONAL_ID"),
    ("henkilötunnus 131052-308T", "131052-308T", "account_number", "NATIONAL_ID"),
    ("BSN 111222333", "111222333", "account_number", "NATIONAL_ID"),
    ("Steuer-ID: 36574261809", "36574261809", "account_number", "TAX_ID"),
    ("आधार संख्या 2345 6789 0123", "2345 6789 0123", "account_number", "NATIONAL_ID"),
    ("ΑΦΜ 087654321", "087654321", "account_number", "TAX_ID"),
    ("Passport No: X1234567", "X1234567", "account_number", "PASSPORT"),
    ("护照号：E12345678", "E12345678", "account_number", "PASSPORT"),
    (
        "Driver's license number is F162823540116",
        "F162823540116",
        "account_number",
        "DRIVER_LICENSE",
    ),
    (
        "driver's license F162 823540116 expires in May",
        "F162 823540116",
        "account_number",
        "DRIVER_LICENSE",
    ),
    ("my id card is 123456789 and", "123456789", "account_number", "NATIONAL_ID"),
    ("Ausweisnummer L01X00T47.", "L01X00T47", "account_number", "NATIONAL_ID"),
    ("Α.Δ.Τ. ΗΥΞ 889884", "ΗΥΞ 889884", "account_number", "NATIONAL_ID"),
    ("ο κωδικός πρόσβασης είναι Abc#12345", "Abc#12345", "secret", "PASSWORD"),
    ("VIN 1HGCM82633A004352", "1HGCM82633A004352", "account_number", "VEHICLE_ID"),
    # Numbers that an organisation gives.
    ("Employee ID: EMP61483", "EMP61483", "account_number", "EMPLOYEE_ID"),
    ("Personalnummer 00412345", "00412345", "account_number", "EMPLOYEE_ID"),
    ("社員番号：A1234567", "A1234567", "account_number", "EMPLOYEE_ID"),
    ("Kundennummer 4711-0815", "4711-0815", "account_number", "CUSTOMER_ID"),
    ("Numéro client: 99120034.", "99120034", "account_number", "CUSTOMER_ID"),
    ("Policy number: POL-99812-A", "POL-99812-A", "account_number", "POLICY_NUMBER"),
    (
        "Request ID: 8f14e45f-ceea-467f-a0e6",
        "8f14e45f-ceea-467f-a0e6",
        "account_number",
        "CASE_NUMBER",
    ),
    # Network.
    ("from 203.0.113.77:443", "203.0.113.77", "private_url", "IP_ADDRESS"),
    ("at fe80::1ff:fe23:4567:890a.", "fe80::1ff:fe23:4567:890a", "private_url", "IP_ADDRESS"),
    ("eth 00:1B:44:11:3A:B7 up", "00:1B:44:11:3A:B7", "account_number", "MAC_ADDRESS"),
    ("at ::ffff:192.0.2.128 too", "::ffff:192.0.2.128", "private_url", "IP_ADDRESS"),
    ("nic 00-1B-44-11-3A-B7 up", "00-1B-44-11-3A-B7", "account_number", "MAC_ADDRESS"),
    # E-mail.
    (
        "write jane.doe+x@mail.example.co.uk!",
        "jane.doe+x@mail.example.co.uk",
        "private_email",
        "EMAIL",
    ),
    ("ja\u200bne@exam\u200dple.com", "ja\u200bne@exam\u200dple.com", "private_email", "EMAIL"),
    ("邮箱zhang@example.cn联系", "zhang@example.cn", "private_email", "EMAIL"),
    ("иван@почта.рф", "иван@почта.рф", "private_email", "EMAIL"),
    ("jane (at) example [dot] org", "jane (at) example [dot] org", "private_email", "EMAIL"),
    (
        "say jane dot doe at gmail dot com",
        "jane dot doe at gmail dot com",
        "private_email",
        "EMAIL",
    ),
    # Links.
    (
        "https://ann:pw9@example.com/x",
        "https://ann:pw9@example.com/x",
        "private_url",
        "URL_WITH_CREDENTIALS",
    ),
    ("postgres://app:s3cr3t@db:5432/x", "s3cr3t", "secret", "PASSWORD"),
    (
        "go https://example.com/reset?token=ab12cd34ef.",
        "https://example.com/reset?token=ab12cd34ef",
        "private_url",
        "URL_WITH_TOKEN",
    ),
    ("http://10.2.3.4:8080/admin", "http://10.2.3.4:8080/admin", "private_url", "IP_ADDRESS"),
    ("linkedin.com/in/jane-doe-12", "linkedin.com/in/jane-doe-12", "private_url", "PROFILE"),
    # Phones.
    ("+49 30 901820", "+49 30 901820", "private_phone", "PHONE"),
    ("call (212) 555-0187 x12", "(212) 555-0187 x12", "private_phone", "PHONE"),
    ("手机号 13800138000", "13800138000", "private_phone", "PHONE"),
    ("Tél : 06 12 34 56 78", "06 12 34 56 78", "private_phone", "PHONE"),
    ("फोन नंबर 98765 43210", "98765 43210", "private_phone", "PHONE"),
    ("090-1234-5678", "090-1234-5678", "private_phone", "PHONE"),
    ("010-1234-5678", "010-1234-5678", "private_phone", "PHONE"),
    ("ruf 0176 12345678 an", "0176 12345678", "private_phone", "PHONE"),
    ("020 7946 0958", "020 7946 0958", "private_phone", "PHONE"),
    ("(11) 98765-4321", "(11) 98765-4321", "private_phone", "PHONE"),
    ("8 (495) 123-45-67", "8 (495) 123-45-67", "private_phone", "PHONE"),
    ("请打13800138000找我", "13800138000", "private_phone", "PHONE"),
    # Wallets.
    (
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "account_number",
        "CRYPTO_WALLET",
    ),
    (
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "account_number",
        "CRYPTO_WALLET",
    ),
    (
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "account_number",
        "CRYPTO_WALLET",
    ),
    # Secrets.
    (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "secret",
        "TOKEN",
    ),
    (
        "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSR==;EndpointSuffix=core.example",
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSR==",
        "secret",
        "TOKEN",
    ),
    ("Server=db;User Id=sa;Password=Pa$$w0rd;Trusted=no", "Pa$$w0rd", "secret", "PASSWORD"),
    ("mysql -u root -pS3cret! db", "S3cret!", "secret", "PASSWORD"),
    ("curl -u admin:hunter22 https://example.com", "hunter22", "secret", "PASSWORD"),
    ("DB_PASSWORD=hunter2", "hunter2", "secret", "PASSWORD"),
    ('{"password": "correcthorse"}', "correcthorse", "secret", "PASSWORD"),
    ("Mein Passwort lautet Geheim#99.", "Geheim#99", "secret", "PASSWORD"),
    ("Le mot de passe est Blue@66$.", "Blue@66$", "secret", "PASSWORD"),
    ("La contraseña es Perro-77", "Perro-77", "secret", "PASSWORD"),
    ("密码：Abc12345", "Abc12345", "secret", "PASSWORD"),
    ("пароль: Qwerty!23", "Qwerty!23", "secret", "PASSWORD"),
    ("पासवर्ड: Abc@12345", "Abc@12345", "secret", "PASSWORD"),
    ("API_KEY=ProdK3y_a4b8c2d6e0f1g5h9i3j7", "ProdK3y_a4b8c2d6e0f1g5h9i3j7", "secret", "TOKEN"),
    ("Authorization: Bearer " + MIXED, MIXED, "secret", "TOKEN"),
    ("My PIN is 4921", "4921", "secret", "PIN"),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dGVzdHNpZ25hdHVyZQ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dGVzdHNpZ25hdHVyZQ",
        "secret",
        "JWT",
    ),
]


@pytest.mark.parametrize(("text", "value", "label", "subtype"), FINDINGS)
def test_rule_finds_the_whole_value(text: str, value: str, label: str, subtype: str) -> None:
    assert (value, label, subtype) in found(text)


KEYS = {
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "Google": "AIza" + MIXED[:35],
    "GitHub": "ghp_" + MIXED[:36],
    "GitLab": "glpat-" + MIXED[:20],
    "Slack": "xoxb-123456789012-" + MIXED[:24],
    "Anthropic": "sk-ant-api03-" + MIXED[:40],
    "OpenAI": "sk-proj-" + MIXED[:40],
    "Stripe": "sk_live_" + MIXED[:24],
    "SendGrid": "SG." + MIXED[:22] + "." + MIXED[:43],
    "Mailgun": "key-" + HEX[:32],
    "Mailchimp": HEX[:32] + "-us12",
    "Twilio": "SK" + HEX[:32],
    "npm": "npm_" + MIXED[:36],
    "PyPI": "pypi-" + MIXED + MIXED,
    "Docker": "dckr_pat_" + MIXED[:27],
    "Hugging Face": "hf_" + MIXED[:34],
    "Replicate": "r8_" + MIXED[:37],
    "Groq": "gsk_" + MIXED,
    "Databricks": "dapi" + HEX[:32],
    "DigitalOcean": "dop_v1_" + HEX[:64],
    "Linear": "lin_api_" + MIXED[:40],
    "Notion": "ntn_" + MIXED[:46],
    "Airtable": "pat" + MIXED[:14] + "." + HEX[:64],
    "Atlassian": "ATATT3" + MIXED + MIXED[:20],
    "Figma": "figd_" + MIXED[:40],
    "Grafana": "glsa_" + MIXED[:32] + "_" + HEX[:8],
    "New Relic": "NRAK-" + MIXED[:27].upper(),
    "HashiCorp": "hvs." + MIXED[:30],
    "Shopify": "shpat_" + HEX[:32],
    "Telegram": "123456789:AA" + MIXED[:33],
    "Square": "sq0atp-" + MIXED[:22],
    "Sentry": "sntrys_" + MIXED,
    "Postman": "PMAK-" + HEX[:24] + "-" + HEX[:34],
    "Tailscale": "tskey-auth-" + MIXED[:30],
}


@pytest.mark.parametrize(("vendor", "key"), KEYS.items())
def test_key_of_vendor_is_found_by_its_form_alone(vendor: str, key: str) -> None:
    spans = [s for s in find_spans(f"x {key} y") if s.label == "secret"]
    assert any(s.reason == f"Has the form of a key of {vendor}." for s in spans)
    assert found(f"x {key} y")[0][0] == key


def test_enough_vendors_and_countries_are_known() -> None:
    assert len(VENDOR_NAMES) >= 25
    assert len({kind.check.split(".")[0] for kind in KINDS if kind.check}) >= 15


def test_pem_block_is_hidden_to_its_end_and_a_cut_one_to_the_end_of_the_text() -> None:
    block = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"
    assert found(f"a\n{block}\nb")[0][0] == block
    cut = "-----BEGIN PRIVATE KEY-----\nMIIE"
    assert found(f"a\n{cut}")[0][0] == cut


HARMLESS = [
    "Version 10.2.3.4 replaces v1.2.3.4; see section 3.1.2.4.",
    "Listen on 127.0.0.1 or 0.0.0.0, mask 255.255.255.0.",
    "std::vector<int> a::b; at 12:30:45 on 2024-01-02T10:11:12Z",
    "Order 1234567890123456, invoice 2024-000123, build 20240131123456.",
    "git@github.com:owner/repo.git and icon@2x.png, package@1.2.3, getty@tty1.service",
    "See https://docs.python.org/3/library/re.html?highlight=match#re.match",
    "Password: required. Your password must be at least 8 characters.",
    "password = get_password(); token = self.token; secret: null, api_key: ${API_KEY}",
    "password=<password>&token={{ token }} PASSWORD=********",
    "The token is used by the parser. The secret is out. A key figure.",
    "commit 3f2c1a9b8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a, sha256 " + HEX[:64],
    "ISBN 978-3-16-148410-0, EAN 4006381333931, 3.14159265358979",
    "UUID 123e4567-e89b-12d3-a456-426614174000",
    "Call for papers 2024-10-12. The phone 2019 model. Opening 1999-2005, 10-20-30.",
    "sin 30 grados, pan con tomate, run 400 m, pass 12 tests, tin 99 cans",
    "Rates rose 1.5 2.5 3.5 4.5 5.5 6.5 7.5 8.5 between 2001 2002 2003 2004",
    "one two three, four five six, seven eight nine",
    "4111 1111 1111 1112 is no valid number",
    "DE89 3704 0044 0532 0130 01",
    "Parts 10-20-30-40-50-60; the ratio is 12:30; timestamp 13800138000 in milliseconds",
    "look at example dot com; meet at noon, dot your i's",
    "The case number of a word is singular. Employee numbers fell by 2.5% to 1200.",
    "curl -u https://example.com; mysql -p mydb; curl --user $USER:$PASS x",
    "one two three four five six seven eight nine ten: count to ten",
    "612 345 678 people in 1 234 567 homes",
    "sk-learn-contrib is-a-package sk-estimator-checks-and-more",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_raises_no_alarm(text: str) -> None:
    assert found(text) == []


def test_reasons_are_sentences_without_the_value() -> None:
    for text, value, _, _ in FINDINGS:
        for span in find_spans(text):
            assert span.reason.endswith(".")
            assert value not in span.reason
