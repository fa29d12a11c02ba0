"""The values in an audit entry, shut at rest by a key of the record they are about: without it they are gone.

An entry is never changed. What it says of a person can be erased all the same: the record's key is forgotten, and of
the entry stays that something was done, by whom and when, with digests in a chain that still holds.
"""

import base64
import hashlib
import hmac
import os
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.audit.chain import digest_of
from kith.identity.v1.audit_entry_pb2 import AuditEntry

SALT, NONCE = 16, 12  # bytes


def key_of(secret: str, tenant_id: UUID, salt: bytes) -> AESGCM:
    """`salt` is the record's own; to forget it is to forget the key."""
    return AESGCM(hmac.digest(secret.encode(), b"kith audit values\0" + tenant_id.bytes + salt, hashlib.sha256))


def shut(changes: list[AuditEntry.FieldChange], key: AESGCM) -> list[AuditEntry.FieldChange]:
    """As they are stored: the digest, and in place of the old value all the rest."""
    chance, found = os.urandom((SALT + NONCE) * len(changes)), []
    for at, one in enumerate(changes):
        drawn = chance[at * (SALT + NONCE) : (at + 1) * (SALT + NONCE)]
        said, nonce = (drawn[:SALT].hex(), one.field, one.old_value, one.new_value), drawn[SALT:]
        digest = digest_of(*said)
        sealed = nonce + key.encrypt(nonce, orjson.dumps(said), digest.encode())
        found.append(AuditEntry.FieldChange(digest=digest, old_value=base64.b64encode(sealed).decode()))
    return found


def opened(change: AuditEntry.FieldChange, key: AESGCM | None) -> AuditEntry.FieldChange:
    """As it is told; without the key, or where it does not fit, the digest alone."""
    told = AuditEntry.FieldChange(digest=change.digest)
    if key is not None:
        try:
            sealed = base64.b64decode(change.old_value)
            said = orjson.loads(key.decrypt(sealed[:NONCE], sealed[NONCE:], change.digest.encode()))
        except (InvalidTag, ValueError):
            return told
        told.salt, told.field, told.old_value, told.new_value = said
    return told
