"""Takes note, for a service, that it is about to share a record with somebody."""

from uuid import UUID

from chassis.call import Call
from identity.doors import inside
from identity.sharing.known import NOTE, TEAM_IS_THERE, USER_IS_THERE
from kith.identity.v1.sharing_pb2 import NoteShareRequest, NoteShareResponse


async def note_share(call: Call, request: NoteShareRequest) -> NoteShareResponse:
    """Noted before there is a share: that nobody asks for one is what may never happen."""
    grantee = UUID(request.user_id or request.team_id or request.tenant_id)  # no user and no team has a tenant's id
    user = UUID(request.user_id) if request.user_id else None
    async with inside(call, UUID(request.tenant_id)):
        (row,) = await call.fetch(USER_IS_THERE if user else TEAM_IS_THERE, {"grantee": grantee})
        if row[0]:
            await call.fetch(NOTE, {"grantee": grantee, "noun": request.noun, "user": user})
    return NoteShareResponse(is_there=row[0])
