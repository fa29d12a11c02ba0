"""What sales does when identity speaks."""

from chassis.call import Call
from chassis.events.subscription import on
from chassis.resource.handover import hand_over, handover_of
from kith.identity.v1.tenant_pb2 import TenantEvent
from kith.identity.v1.user_pb2 import UserEvent
from sales.pipeline.furnish import furnish


async def furnish_tenant(call: Call, event: TenantEvent) -> None:
    """A new tenant can sell at once."""
    await furnish(call, event.after.default_locale)


async def pass_on_records(call: Call, event: UserEvent) -> None:
    """Leads and opportunities of somebody who left go to the successor."""
    await call.schedule(hand_over, handover_of(event.after))


HEARD_FROM_IDENTITY = [
    on("identity.tenant.created", furnish_tenant),
    on("identity.user.deactivated", pass_on_records),
]
