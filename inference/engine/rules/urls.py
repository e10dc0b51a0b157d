"""Links that open something or lead to somebody: credentials, tokens, inner hosts, profiles."""

from __future__ import annotations

from collections.abc import Iterator

from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, pattern

_URL = pattern(r"\b[a-z][a-z0-9+.\-]{1,20}://[^\s<>\"'`{}|\\^\x00-\x20]+", ignore_case=True)
_LOGIN = pattern(r"^[a-zA-Z0-9+.\-]+://([^\s/?#:@]*):([^\s/?#@]+)@[^\s/@]")
_KEY_IN_QUERY = pattern(
    r"[?&#;](?:[a-z_\-]*(?:token|secret|apikey|api_key|api-key|access_key|password|passwd|pwd|passcode"
    r"|session|sessionid|sid|jwt|otp|signature|credential|auth|code|invite|magic|ticket|nonce)|sig|key"
    r"|x-amz-signature|x-goog-signature)=([^&#\s]{6,})",
    ignore_case=True,
)
# Paths that are the key themselves: who has the link is in.
_CAPABILITY = pattern(
    r"hooks\.slack\.com/(?:services|workflows)/\w|discord(?:app)?\.com/api/webhooks/\d"
    r"|webhook\.office\.com/webhookb2/|docs\.google\.com/\w+/d/[\w\-]{20}|drive\.google\.com/"
    r"(?:file/d/|drive/folders/|open\?id=)[\w\-]{15}|dropbox\.com/(?:s|scl|sh)/\w{8}"
    r"|1drv\.ms/|api\.telegram\.org/bot\d|chat\.whatsapp\.com/\w{10}|zoom\.us/j/\d{9}"
    r"|/(?:reset|invite|verify|confirm|activate|magic|unsubscribe)[\w\-]*/[\w\-]{16}",
    ignore_case=True,
)
_ADDRESS_HOST = pattern(
    r"^[a-z0-9+.\-]+://(?:[^/@\s]*@)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])", ignore_case=True
)
_LOCAL_HOST = pattern(r"^[a-z]+://(?:127\.|0\.0\.0\.0|\[::1?\]|255\.)", ignore_case=True)
_PROFILE = pattern(
    r"(?:https?://)?(?:[a-z]{2,3}\.)?(?:linkedin\.com/in|tiktok\.com/@|facebook\.com/profile\.php\?id="
    r")/?[\w%.\-]{2,100}/?",
    ignore_case=True,
)
_PLACEHOLDER = pattern(
    r"^(?:\*+|x+|\.+|<.*|\$.*|\{.*|%.*|\[.*|your.*|pass(?:word)?|secret|token|key)$",
    ignore_case=True,
)


def find_private_urls(text: str) -> Iterator[Finding]:
    """Yield links that hold a key or lead into somebody's own place.

    An ordinary public link is left to the model.
    """
    if "://" in text:
        for match in _URL.finditer(text):
            yield from _judge(match.group().rstrip(".,;:!?)]'\"*_"), match.start())
    for match in _PROFILE.finditer(text):
        end = match.end() - len(match.group()) + len(match.group().rstrip("."))
        yield _url(match.start(), end, "PROFILE", "A link to a person's profile.", LIKELY)


def _judge(url: str, start: int) -> Iterator[Finding]:
    end = start + len(url)
    login = _LOGIN.search(url)
    if login and not _PLACEHOLDER.search(login.group(2)):
        first, last = login.span(2)
        if url.lower().startswith("http"):
            reason = "A link that holds a user name and password."
            yield _url(start, end, "URL_WITH_CREDENTIALS", reason)
        else:
            yield Finding(
                start + first, start + last, "secret", "PASSWORD", "The password of a connection."
            )
        return
    query = _KEY_IN_QUERY.search(url)
    if query and _is_random(query.group(1)):
        yield _url(start, end, "URL_WITH_TOKEN", "A link that holds a key or token.")
    elif _CAPABILITY.search(url):
        yield _url(start, end, "URL_WITH_TOKEN", "A link that opens something for whoever has it.")
    elif _ADDRESS_HOST.search(url) and not _LOCAL_HOST.search(url):
        yield _url(start, end, "IP_ADDRESS", "A link to a machine by its IP address.")


def _is_random(value: str) -> bool:
    has_digit = any(map(str.isdigit, value))
    return not _PLACEHOLDER.search(value) and (has_digit or len(value) >= 16)


def _url(start: int, end: int, subtype: str, reason: str, score: float = CERTAIN) -> Finding:
    return Finding(start, end, "private_url", subtype, reason, score)
