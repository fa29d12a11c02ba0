"""Nobody gets into the account of one who may do more than they may do themselves."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import Unauthenticated
from identity.principal.load import load
from identity.role.rules import refuse_wider


async def refuse_stronger(call: Call, user_id: UUID) -> None:
    """For whoever sets a password, or where links to one are sent. Raises GrantTooWide."""
    try:
        holder = await load(call.session, call.caller.tenant_id, user_id)
    except Unauthenticated:
        return  # nobody signs in as one who is suspended or gone
    refuse_wider(call.caller.grants, holder.grants)
