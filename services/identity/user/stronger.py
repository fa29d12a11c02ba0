"""Nobody gets into the account of one who may do more than they may do themselves."""

from uuid import UUID

from chassis.call import Call
from identity.doors import consequences
from identity.user.assign_roles import refuse_wider_roles
from identity.user.user import USERS


async def refuse_stronger(call: Call, user_id: UUID) -> None:
    """For whoever sets a password, where links to one are sent, or takes a second factor away.

    By what the user's roles give, whether or not they may work now: one who is suspended may be back tomorrow, and the
    password is still the one that was set. Raises GrantTooWide, NotFound.
    """
    with consequences(call):
        user = await USERS.get(call, str(user_id))
    await refuse_wider_roles(call, user.role_ids)
