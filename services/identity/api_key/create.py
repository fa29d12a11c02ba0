"""Makes an API key and tells it, once."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.ids import parse_id
from chassis.resource.standard import told_from_the_root
from identity.api_key.api_key import API_KEYS
from identity.api_key.holder import refuse_stronger
from identity.api_key.rules import KeyEnded, check
from identity.authentication.opaque import digest, new_api_key
from identity.authentication.stored import ADD_SECRET
from identity.service_account.service_account import is_service_account
from kith.identity.v1.api_key_pb2 import ApiKey, CreateApiKeyRequest, CreateApiKeyResponse


async def create_api_key(call: Call, request: CreateApiKeyRequest) -> CreateApiKeyResponse:
    """Raises GrantTooWide when the key would be able to do more than its maker."""
    prefix, secret = new_api_key()
    wanted = request.api_key
    given = ApiKey(
        display_name=wanted.display_name,
        user_id=wanted.user_id,
        service_account_id=wanted.service_account_id,
        scopes=wanted.scopes,
        labels=wanted.labels,
        prefix=prefix,
    )
    if wanted.HasField("expire_time"):
        given.expire_time.CopyFrom(wanted.expire_time)
        if given.expire_time.ToDatetime(call.now.tzinfo) <= call.now:
            raise InvalidArgument.of("api_key.expire_time", "is over")
    with told_from_the_root(API_KEYS):
        await _refuse_unfit(call, given)
        made = await API_KEYS.create(call, given, id=request.id)
    await call.fetch(ADD_SECRET, {"digest": digest(secret), "api_key": UUID(made.id), "session": None})
    return CreateApiKeyResponse(api_key=made, secret=secret)


async def _refuse_unfit(call: Call, key: ApiKey) -> None:
    """Fills in the caller where nobody is named. Raises InvalidArgument, GrantTooWide."""
    check(key)
    field = "service_account_id" if key.service_account_id else "user_id"
    if holder := getattr(key, field):
        parse_id(holder, field)
    else:
        field = "service_account_id" if await is_service_account(call, call.caller.user_id) else "user_id"
        setattr(key, field, call.caller.user_text)
    try:
        await refuse_stronger(call, key)
    except KeyEnded:
        raise InvalidArgument.of(field, "is nobody active") from None
