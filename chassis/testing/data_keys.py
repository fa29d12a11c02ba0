"""Data keys as identity would tell them, made from the tenant's own id: for tests of one service alone."""

import hashlib
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.sealed.keys import DataKeys, KeyRing


def made_up() -> DataKeys:
    """A process's own."""
    return DataKeys(ring_of)


async def ring_of(tenant_id: UUID, current: int = 1) -> KeyRing:
    versions = range(1, current + 1)
    keys = {version: AESGCM(hashlib.sha256(tenant_id.bytes + bytes([version])).digest()) for version in versions}
    return KeyRing(current, keys)
