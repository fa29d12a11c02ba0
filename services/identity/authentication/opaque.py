"""Secrets that mean nothing by themselves; identity stores their digests only."""

import base64
import hashlib
import hmac
import os
import secrets
import string

REFRESH, SESSION = "krt", "kss"  # told by their beginnings, so that scanners know a leaked one for what it is
LETTERS = string.ascii_lowercase + string.digits


def new_secret(kind: str) -> str:
    return _written(kind, os.urandom(32))


def successor(refresh_token: str, seed: bytes, key: str) -> str:
    """The token after this one: the same each time, and known to nobody who lacks any of the three."""
    return _written(REFRESH, hmac.digest(key.encode(), b"successor\0" + seed + refresh_token.encode(), hashlib.sha256))


def new_api_key() -> tuple[str, str]:
    """Prefix, which is shown in lists, and the whole key, which is told once."""
    prefix = "".join(secrets.choice(LETTERS) for _ in range(8))
    return prefix, f"kith_{prefix}_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(43))


def digest(secret: str) -> bytes:
    """What is stored. A fast one, since the secret is random: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def _written(kind: str, random: bytes) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(random).decode().rstrip('=')}"
