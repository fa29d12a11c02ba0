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

from chassis.audit.chain import digest_of
from chassis.sealed.sealer import Sealer
from kith.identity.v1.audit_entry_pb2 import AuditEntry

SALT_BYTES = 16


def key_of(secret: str, tenant_id: UUID, salt: bytes) -> Sealer:
    """`salt` is the record's own; to forget it is to forget the key."""
    return Sealer(hmac.digest(secret.encode(), b"kith audit values\0" + tenant_id.bytes + salt, hashlib.sha256))


def shut(changes: list[AuditEntry.FieldChange], key: Sealer) -> list[AuditEntry.FieldChange]:
    """As they are stored: the digest, and in place of the old value all the rest."""
    found = []
    for one in changes:
        said = os.urandom(SALT_BYTES).hex(), one.field, one.old_value, one.new_value
        digest = digest_of(*said)
        sealed = key.seal(digest.encode(), orjson.dumps(said))
        found.append(AuditEntry.FieldChange(digest=digest, old_value=base64.b64encode(sealed).decode()))
    return found


def opened(change: AuditEntry.FieldChange, key: Sealer | None) -> AuditEntry.FieldChange:
    """As it is told; without the key, or where it does not fit, the digest alone."""
    told = AuditEntry.FieldChange(digest=change.digest)
    if key is not None:
        try:
            said = orjson.loads(key.open(change.digest.encode(), base64.b64decode(change.old_value)))
        except (InvalidTag, ValueError):
            return told
        told.salt, told.field, told.old_value, told.new_value = said
    return told
