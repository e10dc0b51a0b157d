"""Crypto wallets: addresses by their own checksums, private keys, seed phrases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, pattern, stands_before

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGIT = {character: value for value, character in enumerate(_BASE58)}
_BASE58_WORD = pattern(r"\b[1-9A-HJ-NP-Za-km-z]{26,60}\b")
_BECH32 = pattern(
    r"\b(?:bc1|tb1|ltc1|addr1|cosmos1|bnb1)[02-9ac-hj-np-z]{20,110}\b", ignore_case=True
)
_ETHEREUM = pattern(r"\b0x[0-9a-fA-F]{40}\b")
_MONERO = pattern(r"\b[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b")
_RIPPLE = pattern(r"\br[1-9A-HJ-NP-Za-km-z]{24,34}\b")
_RIPPLE_WORDS = pattern(r"\bxrp\b|ripple|wallet", ignore_case=True)
_SOLANA_WORDS = pattern(r"\bsol\b|solana|phantom|wallet", ignore_case=True)
_KEY_HEX = pattern(r"\b(?:0x)?[0-9a-fA-F]{64}\b")
_KEY_WORDS = pattern(
    r"private[ _\-]?key|priv[ _\-]?key|secret[ _\-]?key|wallet key", ignore_case=True
)
_SEED = pattern(
    r"(?:seed|recovery|mnemonic|backup)(?:[ _\-](?:phrase|words|seed))?\W{0,3}[:=\n][ \t\n\"']{0,4}"
    r"((?:[a-z]{3,8}[ ,\n]{1,2}){11,23}[a-z]{3,8})\b",
    ignore_case=True,
)
_NETWORKS = {
    0x00: "Bitcoin",
    0x05: "Bitcoin",
    0x6F: "Bitcoin",
    0x30: "Litecoin",
    0x32: "Litecoin",
    0x1E: "Dogecoin",
    0x41: "Tron",
    0x4C: "Dash",
    0x80: "private key",
    0xEF: "private key",
}


def find_wallets(text: str) -> Iterator[Finding]:
    """Yield wallet addresses, wallet keys and seed phrases."""
    for match in _BASE58_WORD.finditer(text):
        yield from _base58(text, match.start(), match.end())
    for match in _BECH32.finditer(text):
        if _is_bech32(match.group()):
            yield _wallet(match.start(), match.end(), "A wallet address with a valid checksum.")
    for match in _ETHEREUM.finditer(text):
        yield _wallet(match.start(), match.end(), "Has the form of an Ethereum address.")
    for match in _MONERO.finditer(text):
        yield _wallet(match.start(), match.end(), "Has the form of a Monero address.")
    for match in _RIPPLE.finditer(text):
        if stands_before(_RIPPLE_WORDS, text, match.start(), 40):
            yield _wallet(match.start(), match.end(), "Has the form of a Ripple address.", LIKELY)
    for match in _KEY_HEX.finditer(text):
        if stands_before(_KEY_WORDS, text, match.start(), 40):
            yield _key(match.start(), match.end(), "Follows the words for a private key.", LIKELY)
    for match in _SEED.finditer(text):
        yield Finding(
            match.start(1),
            match.end(1),
            "secret",
            "SEED_PHRASE",
            "A wallet's recovery phrase.",
            LIKELY,
        )


def _base58(text: str, start: int, end: int) -> Iterator[Finding]:
    word = text[start:end]
    if len(word) <= 35 and word[0] in "13LMDTX2mn":
        if _NETWORKS.get(_base58_version(word), "private key") != "private key":
            yield _wallet(start, end, "A wallet address with a valid checksum.")
    elif len(word) in {51, 52} and word[0] in "5KLc9":
        if _NETWORKS.get(_base58_version(word)) == "private key":
            yield _key(start, end, "A wallet's private key with a valid checksum.", CERTAIN)
    elif 43 <= len(word) <= 44 and stands_before(_SOLANA_WORDS, text, start, 40):
        yield _wallet(start, end, "Has the form of a Solana address.", LIKELY)


def _base58_version(word: str) -> int:
    """Return the version byte of a Base58Check string, or -1 if its checksum is wrong."""
    value = 0
    for character in word:
        value = value * 58 + _DIGIT[character]
    size = 25 if len(word) <= 35 else 37 if len(word) == 51 else 38
    if value >= 1 << (8 * size):
        return -1
    raw = value.to_bytes(size, "big")
    checksum = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4]
    return raw[0] if checksum == raw[-4:] else -1


def _is_bech32(word: str) -> bool:
    """Check a Bech32 or Bech32m string (BIP 173, BIP 350)."""
    word = word.lower()
    prefix, _, data = word.rpartition("1")
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    if not prefix or any(character not in alphabet for character in data):
        return False
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    values += [alphabet.index(c) for c in data]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            check ^= generator if (top >> bit) & 1 else 0
    return check in {1, 0x2BC830A3}


def _wallet(start: int, end: int, reason: str, score: float = CERTAIN) -> Finding:
    return Finding(start, end, "account_number", "CRYPTO_WALLET", reason, score)


def _key(start: int, end: int, reason: str, score: float) -> Finding:
    return Finding(start, end, "secret", "PRIVATE_KEY", reason, score)
