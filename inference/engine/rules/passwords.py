"""Passwords, tokens and one-time codes that words announce, in several languages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

from inference.engine.folding import fold_words
from inference.engine.rules.finding import LIKELY, Finding, any_of, pattern

_PASSWORD_WORDS = fold_words(
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pwd",
    "pass",
    "pw",
    "pswd",
    "contraseña",
    "clave",
    "mot de passe",
    "mdp",
    "kennwort",
    "senha",
    "palavra-passe",
    "wachtwoord",
    "hasło",
    "heslo",
    "salasana",
    "lösenord",
    "adgangskode",
    "passord",
    "jelszó",
    "jelszava",
    "parolă",
    "parola",
    "password dell'account",
    "şifre",
    "zaporka",
    "lozinka",
    "geslo",
    "slaptažodis",
    "parole",
    "parool",
    "пароль",
    "парола",
    "лозинка",
    "κωδικός πρόσβασης",
    "κωδικός",
    "κωδ. πρόσβασης",
    "συνθηματικό",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "暗証番号",
    "비밀번호",
    "암호",
    "패스워드",
    "पासवर्ड",
    "كلمة المرور",
    "كلمة السر",
    "סיסמה",
    "סיסמא",
    "kata sandi",
    "sandi",
    "mật khẩu",
    "รหัสผ่าน",
    "nenosiri",
)
_TOKEN_WORDS = fold_words(
    "token",
    "api key",
    "api-key",
    "api_key",
    "apikey",
    "access key",
    "access_key",
    "accesskey",
    "account key",
    "accountkey",
    "shared key",
    "sharedkey",
    "secret",
    "secret key",
    "secret_key",
    "secretkey",
    "client secret",
    "client_secret",
    "auth token",
    "auth_token",
    "access token",
    "access_token",
    "refresh token",
    "refresh_token",
    "private key",
    "private_key",
    "encryption key",
    "encryption_key",
    "signing key",
    "session",
    "session id",
    "session_id",
    "sessionid",
    "cookie",
    "bearer",
    "authorization",
    "x-api-key",
    "license key",
    "licence key",
    "signature",
    "jeton",
    "clé api",
    "clé d'api",
    "clé secrète",
    "api-schlüssel",
    "schlüssel",
    "clave api",
    "clave secreta",
    "chave api",
    "chave de api",
    "chiave api",
    "chiave segreta",
    "klucz api",
    "klíč",
    "api-sleutel",
    "api-nyckel",
    "api-nøgle",
    "api-avain",
    "ключ api",
    "api ключ",
    "секретный ключ",
    "токен",
    "ключ",
    "κλειδί api",
    "api κλειδί",
    "κλειδί",
    "密钥",
    "令牌",
    "金鑰",
    "トークン",
    "シークレット",
    "APIキー",
    "토큰",
    "api 키",
    "비밀키",
    "टोकन",
    "الرمز",
    "مفتاح",
    "מפתח",
    "anahtarı",
    "khóa api",
)
_CODE_WORDS = fold_words(
    "pin",
    "pin code",
    "pin number",
    "pincode",
    "otp",
    "one-time code",
    "one time code",
    "one-time password",
    "verification code",
    "security code",
    "login code",
    "2fa code",
    "mfa code",
    "auth code",
    "passcode",
    "access code",
    "code de vérification",
    "code secret",
    "code pin",
    "bestätigungscode",
    "sicherheitscode",
    "tan",
    "código de verificación",
    "código de seguridad",
    "código pin",
    "codice di verifica",
    "codice pin",
    "código de verificação",
    "verificatiecode",
    "kod weryfikacyjny",
    "код подтверждения",
    "пин-код",
    "пин",
    "κωδικός επαλήθευσης",
    "验证码",
    "驗證碼",
    "認証コード",
    "確認コード",
    "인증번호",
    "ओटीपी",
    "رمز التحقق",
    "קוד אימות",
    "doğrulama kodu",
    "mã xác nhận",
    "mã otp",
)
# ":" and "=" announce a value; so does "is" in the languages of the words.
_SIGN = (
    r"[\"'`\])]{0,2}[ \t]{0,3}(?:\([^()\n]{0,24}\)[ \t]?)?(=>|:=|==?|：|:|->|→)"
    r"[ \t]{0,3}\n?[ \t]{0,4}"
)
_SAYS = (
    r"[\"']?[ \t]{1,2}(?:(?:is|was|to|as|are|ist|lautet|war|est|es|era|e|jest|je|on|er|ar|este|van"
    r"|adalah|ni)\b[ :]{1,2}|(?:ειναι|это|—|-)[ ]{1,2})(?:now |set to |still |just )?"
    r"|[ \t]{0,2}(?:是|为|為|は|が|는|은|है|هي|هو|היא|הוא)[ :：]{0,2}"
)
_VALUE = r"(\"[^\"\n]{4,128}\"|'[^'\n]{4,128}'|`[^`\n]{4,128}`|[^\s\"'`<>]{4,256})"
_PASSWORD = pattern(
    rf"({any_of(_PASSWORD_WORDS)})[a-z0-9]{{0,2}}(?:{_SIGN}|{_SAYS}){_VALUE}", ignore_case=True
)
_BARE = pattern(
    r"\b(?:password|passwort|pwd|contrasena|wachtwoord|senha|haslo)[ \t]([^\s\"'`<>]{6,64})",
    ignore_case=True,
)
_TOKEN = pattern(
    rf"({any_of(_TOKEN_WORDS)})[a-z0-9]{{0,2}}(?:{_SIGN}|{_SAYS}|[ \t]{{1,2}})"
    rf"(?:(?:Bearer|Basic|Token|Bot|ApiKey)[ \t]+)?{_VALUE}",
    ignore_case=True,
)
_CODE = pattern(
    rf"(?:^|[^a-z]){any_of(_CODE_WORDS)}(?:{_SIGN}|{_SAYS}|[ \t]{{1,2}}|[ \t]?#)"
    r"[ \t]?[\"']?(\d{3,8}|\d{3}[ \-]\d{3})\b",
    ignore_case=True,
)
# Programs that take a password on their command line.
_COMMAND = pattern(
    r"\b(?:curl|wget|http)\b[^\n]{0,120}?[ \t](?:-u|--user|-a|--auth)[= ]?[\"']?[^\s:\"'/]{1,40}:"
    r"([^\s\"'@]{4,64})"
    r"|\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]{0,120}?[ \t]-p([^\s\"']{4,64})"
    r"|\bsshpass[ \t]+-p[ \t]?[\"']?([^\s\"']{4,64})"
    r"|\bredis-cli\b[^\n]{0,80}?[ \t]-a[ \t]([^\s\"']{4,64})"
)
_PLACEHOLDER = re.compile(
    r"(?:[*•xX.\-_?#]+|<.*|\$[({A-Z_].*|\{.*|%[({A-Za-z_].*|\[.*"
    r"|(?:your|my|the|some|example|enter|insert)[-_a-z]*|null|none|nil|true|false|undefined|string"
    r"|str|bool|int|required|optional|redacted|hidden|changeme|todo|tbd|n/?a|yes|no|password"
    r"|passwort|passwd|secret|token|mandatory|text|input|reset|field)[,;.)\]}]*$",
    re.IGNORECASE,
)
_CODE_EXPRESSION = re.compile(
    r"[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)*[(\[].*"
    r"|[A-Za-z_$]+(?:(?:\.|->|::)[A-Za-z_$]+)+;?"
)
_TRAILING = ".,;:)]}"
# The next field of a connection string or of a query.
_NEXT_FIELD = re.compile(r"[;&][A-Za-z_ ]{1,30}=")


def find_passwords(text: str) -> Iterator[Finding]:
    """Yield values that follow words for a password, a token or a one-time code."""
    for match in _PASSWORD.finditer(text):
        yield from _judge(text, match.span(3), "PASSWORD", _is_password, match.group(2))
    for match in _BARE.finditer(text):
        yield from _judge(text, match.span(1), "PASSWORD", _is_password, None)
    for match in _TOKEN.finditer(text):
        yield from _judge(text, match.span(3), "TOKEN", _is_token, match.group(2))
    for match in _COMMAND.finditer(text):
        span = next(match.span(group) for group in range(1, 5) if match.group(group))
        yield from _judge(text, span, "PASSWORD", _is_command_password, None)
    for match in _CODE.finditer(text):
        start, end = match.span(2)
        yield Finding(start, end, "secret", "PIN", "Follows the words for a PIN or code.", LIKELY)


def _judge(
    text: str,
    span: tuple[int, int],
    subtype: str,
    is_secret: Callable[[str, bool], bool],
    sign: str | None,
) -> Iterator[Finding]:
    """Yield the announced value if it is one and not a placeholder, a word or program code."""
    start, end = span
    is_quoted = text[start] in "\"'`"
    if is_quoted:
        start, end = start + 1, end - 1
    else:
        end = start + len(_without_tail(text[start:end]))
    value = text[start:end]
    if (
        len(value) < 4
        or _PLACEHOLDER.match(value)
        or (not is_quoted and _CODE_EXPRESSION.fullmatch(value))
    ):
        return
    is_assigned = sign is not None and (is_quoted or "=" in sign)
    if is_secret(value, is_assigned):
        kind = "password" if subtype == "PASSWORD" else "token or key"
        yield Finding(start, end, "secret", subtype, f"Follows a word for a {kind}.", LIKELY)


def _without_tail(value: str) -> str:
    """Cut the punctuation of the sentence or program around an unquoted value."""
    field = _NEXT_FIELD.search(value)
    trimmed = (value[: field.start()] if field else value).rstrip(_TRAILING)
    opened = sum(map(trimmed.count, "([{"))
    closing = value[len(trimmed) : len(trimmed) + opened]
    return trimmed + closing if closing and all(c in ")]}" for c in closing) else trimmed


def _is_password(value: str, is_assigned: bool) -> bool:
    """Say whether a value is a password; ordinary words are not, unless assigned."""
    if is_assigned and " " not in value:
        return True
    classes = _character_classes(value)
    return (" " not in value and (classes >= 2 and _has_digit_or_sign(value))) or classes >= 3


def _is_command_password(value: str, is_assigned: bool) -> bool:
    """Take any value but a variable's name; the command says what it is."""
    return not is_assigned and not value.startswith(("$", "/"))


def _is_token(value: str, is_assigned: bool) -> bool:
    """Say whether a value is long and mixed enough to be a token."""
    if " " in value or len(value) < 8:
        return False
    digits = sum(map(str.isdigit, value))
    letters = sum(character.isalpha() for character in value)
    if digits >= 2 and letters and (is_assigned or len(value) >= 12):
        return entropy(value) >= 2.5
    return len(value) >= 20 and _character_classes(value) >= 2 and entropy(value) >= 3.5


def entropy(value: str) -> float:
    """Return the Shannon entropy of a string's characters, in bits for each character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def _character_classes(value: str) -> int:
    return (
        any(map(str.islower, value))
        + any(map(str.isupper, value))
        + any(map(str.isdigit, value))
        + any(not character.isalnum() for character in value)
    )


def _has_digit_or_sign(value: str) -> bool:
    return any(character.isdigit() or character in "!@#$%^&*+=~?§€£" for character in value)
