"""Replaces the secret of an API key, and tells the new one, once."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import NotFound
from identity.api_key import rules
from identity.api_key.api_key import API_KEYS
from identity.api_key.holder import refuse_stronger
from identity.authentication.opaque import digest, new_api_key
from identity.authentication.stored import ADD_SECRET, DROP_ENDING_SECRETS, DROP_SECRETS, END_SECRETS
from identity.doors import at_work
from kith.identity.v1.api_key_pb2 import ApiKey, RotateApiKeyRequest, RotateApiKeyResponse


async def rotate_api_key(call: Call, request: RotateApiKeyRequest) -> RotateApiKeyResponse:
    """Raises KeyEnded, KeyRotating, and GrantTooWide for a key that may do more than the caller."""
    key = await API_KEYS.lock(call, request.id, etag=request.etag)
    prefix, secret = new_api_key()
    grace = request.grace_period.ToTimedelta()
    rules.rotate(key, prefix, grace, call.now)
    await refuse_stronger(call, key)
    saved = await API_KEYS.save(call, key, verb="rotated")
    named = {"api_key": UUID(key.id)}
    if grace:
        await call.fetch(END_SECRETS, {**named, "end": call.now + grace})
        await at_work(call).schedule(end_rotation, saved, at=call.now + grace)
    else:
        await call.fetch(DROP_SECRETS, named)
    await call.fetch(ADD_SECRET, {**named, "digest": digest(secret), "session": None})
    return RotateApiKeyResponse(api_key=saved, secret=secret)


async def end_rotation(call: Call, rotated: ApiKey) -> None:
    """The old secret has ended by its own clock; whoever still keeps it hears of that by the key's change."""
    try:
        key = await API_KEYS.lock(call, rotated.id)
    except NotFound:
        return
    if rules.end_rotation(key, rotated):
        await call.fetch(DROP_ENDING_SECRETS, {"api_key": UUID(key.id)})
        await API_KEYS.save(call, key, verb="rotation_ended")
