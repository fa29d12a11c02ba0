"""Seals bytes for one place: what is kept there opens there, by who has the secret, and nowhere else."""

import hashlib
import os
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class Sealer:
    """AES-GCM (NIST SP 800-38D) by one key of 16 or 32 bytes; a fresh nonce stands before what it seals."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    @classmethod
    def of(cls, purpose: str, secret: str) -> Self:
        """By a key that follows from a secret of any length, another one for each purpose."""
        return cls(hashlib.sha256(f"{purpose}\0{secret}".encode()).digest())

    def seal(self, place: bytes, content: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, content, place)

    def open(self, place: bytes, sealed: bytes) -> bytes:
        """Raises InvalidTag for what was sealed by another key, at another place, or not at all."""
        return self._key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
