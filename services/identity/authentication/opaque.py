"""Secrets that mean nothing by themselves; identity stores their digests only."""

import base64
import hashlib
import hmac
import os
import secrets
import string
from dataclasses import dataclass
from uuid import UUID

from chassis.errors import Unauthenticated
from chassis.ids import FastUUID

REFRESH, SESSION = "krt", "kss"  # told by their beginnings, so that scanners know a leaked one for what it is
LETTERS = string.ascii_lowercase + string.digits


def new_secret(kind: str) -> str:
    return _written(kind, os.urandom(32))


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One generation of a session's family. What it says is believed once `written` gives the same text again."""

    tenant_id: UUID
    session_id: UUID
    generation: int

    def written(self, seed: bytes, key: str) -> str:
        """The same each time, and known to nobody who lacks the family's seed or identity's secret."""
        said = self.tenant_id.bytes + self.session_id.bytes + self.generation.to_bytes(8)
        return _written(REFRESH, said + hmac.digest(key.encode(), b"refresh\0" + seed + said, hashlib.sha256))

    @classmethod
    def read(cls, text: str) -> "RefreshToken":
        """Raises Unauthenticated for what was never one."""
        kind, _, body = text.partition("_")
        try:
            said = base64.b64decode(body.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            said = b""
        if kind != REFRESH or len(said) != 72:
            raise Unauthenticated("this is no refresh token")
        return cls(FastUUID(said[:16]), FastUUID(said[16:32]), int.from_bytes(said[32:40]))


def new_api_key() -> tuple[str, str]:
    """Prefix, which is shown in lists, and the whole key, which is told once."""
    prefix = "".join(secrets.choice(LETTERS) for _ in range(8))
    return prefix, f"kith_{prefix}_" + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(43))


def digest(secret: str) -> bytes:
    """What is stored. A fast one, since the secret is random: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def _written(kind: str, random: bytes) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(random).decode().rstrip('=')}"
