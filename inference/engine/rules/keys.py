"""Keys that machines hand out: API keys of known vendors, JWTs, PEM blocks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, pattern

# Vendor, and the form of its keys as its documentation or secret scanners give it.
_VENDORS: tuple[tuple[str, str], ...] = (
    ("AWS", r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z2-7]{16}"),
    ("AWS", r"ABSK[A-Za-z0-9+/]{100,}={0,2}"),
    ("Google", r"AIza[0-9A-Za-z_\-]{30,39}"),
    ("Google", r"GOCSPX-[0-9A-Za-z_\-]{24,32}"),
    ("Google", r"ya29\.[0-9A-Za-z_\-]{30,}"),
    ("GitHub", r"gh[pousr]_[0-9A-Za-z]{30,}"),
    ("GitHub", r"github_pat_[0-9A-Za-z_]{40,}"),
    ("GitLab", r"gl(?:pat|ptt|dt|rt|cbt|oas|ft|agent|imt|soat)-[0-9A-Za-z_\-]{16,}"),
    ("Slack", r"xox[abeoprs]-[0-9A-Za-z\-]{10,}"),
    ("Slack", r"xapp-\d-[A-Z0-9]{6,20}-\d{8,15}-[0-9a-zA-Z]{20,}"),
    ("Anthropic", r"sk-ant-[0-9A-Za-z]{2,10}-?[0-9A-Za-z_\-]{20,}"),
    ("OpenAI", r"sk-(?:proj-|svcacct-|admin-|None-)?[0-9A-Za-z_\-]{16,}"),
    ("OpenRouter", r"sk-or-v1-[0-9a-f]{32,}"),
    ("Stripe", r"(?:sk|rk|pk)_(?:live|test|prod)_[0-9A-Za-z]{10,}"),
    ("Stripe", r"whsec_[0-9A-Za-z+/=]{20,}"),
    ("Square", r"(?:EAAA|sq0(?:atp|csp|idp)-)[0-9A-Za-z_\-]{20,}"),
    ("SendGrid", r"SG\.[0-9A-Za-z_\-]{16,32}\.[0-9A-Za-z_\-]{30,}"),
    ("Mailgun", r"(?:key-[0-9a-f]{32}|pubkey-[0-9a-f]{32})"),
    ("Mailchimp", r"[0-9a-f]{32}-us\d{1,2}"),
    ("Postmark or Resend", r"re_[0-9A-Za-z]{6,12}_[0-9A-Za-z]{16,}"),
    ("Twilio", r"(?:SK|AC)[0-9a-f]{32}"),
    ("npm", r"npm_[0-9A-Za-z]{30,}"),
    ("PyPI", r"pypi-[0-9A-Za-z_\-]{50,}"),
    ("RubyGems", r"rubygems_[0-9a-f]{40,}"),
    ("crates.io", r"cio[0-9A-Za-z]{32}"),
    ("Docker", r"dckr_(?:pat|oat)_[0-9A-Za-z_\-]{20,}"),
    ("Hugging Face", r"(?:hf|api_org)_[0-9A-Za-z]{30,}"),
    ("Replicate", r"r8_[0-9A-Za-z]{30,}"),
    ("Groq", r"gsk_[0-9A-Za-z]{40,}"),
    ("xAI", r"xai-[0-9A-Za-z]{60,}"),
    ("Perplexity", r"pplx-[0-9A-Za-z]{32,}"),
    ("Databricks", r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("DigitalOcean", r"do[opr]_v1_[0-9a-f]{64}"),
    ("Heroku", r"HRKU-[0-9A-Za-z_\-]{30,}"),
    ("Fly.io", r"fo1_[0-9A-Za-z_\-]{40,}"),
    ("Vercel", r"vc[pkiar]_[0-9A-Za-z]{20,}"),
    ("Netlify", r"nfp_[0-9A-Za-z]{30,}"),
    ("Supabase", r"sb(?:p_[0-9a-f]{40}|_(?:secret|publishable)_[0-9A-Za-z_\-]{20,})"),
    ("PlanetScale", r"pscale_(?:tkn|pw|oauth)_[0-9A-Za-z_\-.]{32,}"),
    ("Linear", r"lin_(?:api|oauth)_[0-9A-Za-z]{32,}"),
    ("Notion", r"(?:ntn_|secret_)[0-9A-Za-z]{40,}"),
    ("Airtable", r"pat[0-9A-Za-z]{14}\.[0-9a-f]{64}"),
    ("Atlassian", r"ATATT3[0-9A-Za-z_\-=]{50,}"),
    ("Bitbucket", r"ATBB[0-9A-Za-z]{24,}"),
    ("Figma", r"fig[duo]r?_[0-9A-Za-z_\-]{30,}"),
    ("Grafana", r"gl(?:sa|c)_[0-9A-Za-z+/=_]{30,}"),
    ("New Relic", r"NR(?:AK|JS|AA|II)-[0-9A-Za-z]{20,}"),
    ("Sentry", r"sntr(?:ys|yu)_[0-9A-Za-z+/=_]{40,}"),
    ("Dynatrace", r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    (
        "HashiCorp",
        r"(?:hv[sbr]\.[0-9A-Za-z_\-]{24,}|[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_\-]{60,})",
    ),
    ("Doppler", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[0-9A-Za-z.]{40,}"),
    ("Shopify", r"shp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32}"),
    ("Telegram", r"\d{8,10}:AA[0-9A-Za-z_\-]{33}"),
    ("Discord", r"[MNO][A-Za-z\d_\-]{23,27}\.[A-Za-z\d_\-]{6}\.[A-Za-z\d_\-]{27,}"),
    ("Facebook", r"EAA(?:C|G)[0-9A-Za-z]{30,}"),
    ("Mapbox", r"[ps]k\.eyJ[0-9A-Za-z_\-]{20,}\.[0-9A-Za-z_\-]{16,}"),
    ("Alibaba", r"LTAI[0-9A-Za-z]{12,24}"),
    ("Azure", r"[0-9A-Za-z_\-~.]{3}8Q~[0-9A-Za-z_\-~.]{31,34}"),
    ("Terraform or Pulumi", r"pul-[0-9a-f]{40}"),
    ("Postman", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    ("Cloudflare", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{140,}"),
    ("Age", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ("Tailscale", r"tskey-(?:auth-|api-|client-)?[0-9A-Za-z\-]{16,}"),
    ("Adafruit", r"aio_[0-9A-Za-z]{28}"),
    ("Contentful", r"CFPAT-[0-9A-Za-z_\-]{43}"),
    ("Buildkite", r"bkua_[0-9a-f]{40}"),
)
VENDOR_NAMES = frozenset(vendor for vendor, _ in _VENDORS)
# One scan for all vendors; the few hits are then told apart one by one.
_ANY_VENDOR = pattern(r"\b(?:" + "|".join(form for _, form in _VENDORS) + ")")
_FORMS: tuple[tuple[str, Any], ...] = tuple((vendor, pattern(form)) for vendor, form in _VENDORS)
_JWT = pattern(r"\beyJ[0-9A-Za-z_\-]{8,}\.(?:eyJ)?[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]*")
_PEM_BEGIN = pattern(r"-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OPENSSH PRIVATE KEY)-----")
_PEM_END = "-----END "


def find_keys(text: str) -> Iterator[Finding]:
    """Yield keys and tokens that are known by their form."""
    for match in _ANY_VENDOR.finditer(text):
        if _looks_random(match.group()):
            vendor = next(name for name, form in _FORMS if form.fullmatch(match.group()))
            yield _secret(
                match.start(), match.end(), "API_KEY", f"Has the form of a key of {vendor}."
            )
    for match in _JWT.finditer(text):
        sure = _is_json(match.group().split(".")[0])
        yield _secret(
            match.start(), match.end(), "JWT", "A signed token (JWT).", CERTAIN if sure else LIKELY
        )
    if "-----BEGIN" in text:
        yield from _pem_blocks(text)


def _looks_random(key: str) -> bool:
    """Say whether a key is more than a name: words joined by dashes are not."""
    return any(map(str.isdigit, key)) or (key.upper() != key and key.lower() != key)


def _is_json(part: str) -> bool:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).startswith(b"{")
    except (ValueError, binascii.Error):
        return False


def _pem_blocks(text: str) -> Iterator[Finding]:
    reached = 0
    for match in _PEM_BEGIN.finditer(text):
        if match.start() < reached:
            continue
        end = text.find(_PEM_END, match.end())
        if end < 0:
            # Cut off: the rest of the text is taken for the key, as nothing says where it stops.
            reached = len(text)
        else:
            closing = text.find("-----", end + len(_PEM_END))
            reached = len(text) if closing < 0 else closing + 5
        yield _secret(match.start(), reached, "PRIVATE_KEY", "A private key in PEM form.")


def _secret(start: int, end: int, subtype: str, reason: str, score: float = CERTAIN) -> Finding:
    return Finding(start, end, "secret", subtype, reason, score)
