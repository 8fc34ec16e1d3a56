"""Hashing, signing and sealing with keys derived from the one secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import BadSignature, URLSafeSerializer

from core.settings import Settings


def token_hash(token: str) -> str:
    """What is stored of a random token: its SHA-256, hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def canonical(document: Any) -> bytes:
    """JSON with sorted keys and no spaces: the same document always gives the same bytes."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(document: Any) -> str:
    """SHA-256 of the canonical form, hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


class Keys:
    """Keys for one purpose each, so that a token of one place is worthless in another."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret_key.encode()

    def _key(self, purpose: str) -> bytes:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).digest()

    def mac(self, purpose: str, text: str) -> str:
        """A keyed hash of ``text``, hex."""
        return hmac.new(self._key(purpose), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def sign(self, purpose: str, value: Any) -> str:
        """``value`` (JSON) as a tamper-proof string for a cookie."""
        return URLSafeSerializer(self._key(purpose)).dumps(value).__str__()

    def unsign(self, purpose: str, text: str) -> Any | None:
        """The value of ``sign``, or ``None`` if it was not made here."""
        try:
            return URLSafeSerializer(self._key(purpose)).loads(text)
        except BadSignature:
            return None

    def seal(self, purpose: str, text: str) -> str:
        """Encrypt ``text`` for storage."""
        return self._fernet(purpose).encrypt(text.encode()).decode()

    def unseal(self, purpose: str, sealed: str) -> str | None:
        """Decrypt ``seal``'s result; ``None`` if the key changed or it was altered."""
        try:
            return self._fernet(purpose).decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _fernet(self, purpose: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._key(purpose)))
