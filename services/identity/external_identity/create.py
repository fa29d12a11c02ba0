"""Links a user to what a provider calls them, by an admin who knows it."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import InvalidArgument, Unauthenticated
from chassis.ids import parse_id
from chassis.resource.standard import standard, told_from_the_root
from identity.external_identity.external_identity import EXTERNAL_IDENTITIES
from identity.principal.load import load
from identity.role.rules import refuse_wider
from kith.identity.v1.external_identity_pb2 import CreateExternalIdentityRequest, ExternalIdentity

_CREATE = standard(EXTERNAL_IDENTITIES, "CreateExternalIdentity")


async def create_external_identity(call: Call, request: CreateExternalIdentityRequest) -> ExternalIdentity:
    """Whoever says who signs in as a user could sign in as that user. Raises GrantTooWide."""
    with told_from_the_root(EXTERNAL_IDENTITIES):
        await _refuse_stronger(call, request.external_identity.owner_id)
    return await _CREATE(call, request)


async def _refuse_stronger(call: Call, owner_id: str) -> None:
    user_id: UUID = parse_id(owner_id, "owner_id") if owner_id else call.caller.user_id
    try:
        holder = await load(call.session, call.caller.tenant_id, user_id)
    except Unauthenticated:
        raise InvalidArgument.of("owner_id", "is no active user") from None
    refuse_wider(call.caller, holder.grants, holder.denied)
