"""Data keys as identity would tell them, made from the tenant's own id: for tests of one service alone."""

import hashlib
from uuid import UUID

from chassis.sealed.keys import DataKeys, KeyRing
from chassis.sealed.sealer import Sealer


def made_up() -> DataKeys:
    """A process's own."""
    return DataKeys(ring_of)


async def ring_of(tenant_id: UUID, current: int = 1) -> KeyRing:
    versions = range(1, current + 1)
    keys = {version: Sealer(hashlib.sha256(tenant_id.bytes + bytes([version])).digest()) for version in versions}
    return KeyRing(current, keys, hashlib.sha256(tenant_id.bytes + b"digest").digest())
