"""Devices an account was signed into from: each has a token by which it is known again (OWASP, device cookies).

The token is made from identity's secret and the account, so nothing is stored. It opens nothing: it only says that
guesses from here are counted apart from those of strangers, whose guessing then cannot shut the owner out.
"""

import hashlib
import hmac
import os
from base64 import b64decode, urlsafe_b64encode

from identity.authentication.brake import Place

PREFIX, NONCE_BYTES = "kdv", 16


def token(email: str, key: str) -> str:
    """For a device that just showed the password."""
    return _written(email, os.urandom(NONCE_BYTES), key)


def place_of(email: str, shown: str, address: str, key: str) -> Place:
    """The device, where `shown` is a token of ours for this account; else the address."""
    try:
        nonce = b64decode(shown.removeprefix(f"{PREFIX}_") + "==", altchars=b"-_", validate=True)[:NONCE_BYTES]
    except ValueError:
        nonce = b""
    if hmac.compare_digest(_written(email, nonce, key).encode(), shown.encode()):
        return Place(f"device {nonce.hex()}", known=True)
    return Place(address)


def _written(email: str, nonce: bytes, key: str) -> str:
    mac = hmac.digest(key.encode(), b"device\0" + nonce + email.encode(), hashlib.sha256)
    return f"{PREFIX}_{urlsafe_b64encode(nonce + mac).decode().rstrip('=')}"
