"""Signs what must not be made by who can only write the database: the heads of audit chains, and certificates."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Seal:
    """Ed25519 by a key that follows from identity's secret: all replicas have the same, and no table holds it."""

    def __init__(self, secret: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"kith seal\0" + secret.encode()).digest())

    @property
    def public_key(self) -> str:
        """In base64; whoever noted it can verify without us."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, said: bytes) -> str:
        return base64.b64encode(self._key.sign(said)).decode()


def is_sealed(public_key: str, seal: str, said: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(base64.b64decode(seal), said)
    except (InvalidSignature, ValueError):
        return False
    return True


def head_bytes(tenant_id: str, sequence: int, hash: str) -> bytes:
    """What the seal of a chain's head is over."""
    return f"kith audit head\n{tenant_id} {sequence} {hash}".encode()
