"""Makes an API key and tells it, once."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import InvalidArgument, Unauthenticated
from chassis.ids import parse_id
from chassis.resource.standard import told_from_the_root
from identity.api_key.api_key import API_KEYS
from identity.api_key.rules import check
from identity.authentication.opaque import digest, new_api_key
from identity.authentication.stored import ADD_SECRET
from identity.principal.load import load
from identity.role.rules import refuse_wider
from kith.identity.v1.api_key_pb2 import ApiKey, CreateApiKeyRequest, CreateApiKeyResponse


async def create_api_key(call: Call, request: CreateApiKeyRequest) -> CreateApiKeyResponse:
    """Raises GrantTooWide when the key would be able to do more than its maker."""
    prefix, secret = new_api_key()
    wanted = request.api_key
    given = ApiKey(
        display_name=wanted.display_name,
        user_id=wanted.user_id or str(call.caller.user_id),
        scopes=wanted.scopes,
        labels=wanted.labels,
        prefix=prefix,
    )
    if wanted.HasField("expire_time"):
        given.expire_time.CopyFrom(wanted.expire_time)
        if given.expire_time.ToDatetime(call.now.tzinfo) <= call.now:
            raise InvalidArgument.of("api_key.expire_time", "is over")
    with told_from_the_root(API_KEYS):
        check(given)
        await _refuse_stronger(call, given)
        made = await API_KEYS.create(call, given, id=request.id)
    await call.fetch(ADD_SECRET, {"digest": digest(secret), "api_key": UUID(made.id), "session": None})
    return CreateApiKeyResponse(api_key=made, secret=secret)


async def _refuse_stronger(call: Call, key: ApiKey) -> None:
    """Also for oneself: a program with a key of few scopes must not make one of more."""
    try:
        holder = await load(call.session, call.caller.tenant_id, parse_id(key.user_id, "user_id"), scopes=[*key.scopes])
    except Unauthenticated:
        raise InvalidArgument.of("user_id", "is no active user") from None
    refuse_wider(call.caller, holder.grants, holder.denied)
