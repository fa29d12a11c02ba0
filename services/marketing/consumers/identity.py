"""What marketing does when identity speaks."""

from google.protobuf.empty_pb2 import Empty

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from chassis.resource.handover import hand_over, handover_of
from kith.identity.v1.tenant_pb2 import TenantEvent
from kith.identity.v1.user_pb2 import UserEvent
from marketing.contact_fact.refresh_all import refresh_facts
from marketing.tenant import as_tenant, keep_tenant


async def hear_tenant(call: Call, message: TenantEvent, event: Event) -> None:
    """Where its days begin, and which currency it reckons in; in another one all sums are others."""
    tenant = message.after
    if await keep_tenant(call, tenant.default_time_zone, tenant.base_currency, event.sequence):
        await (await as_tenant(call)).schedule(refresh_facts, Empty())


async def pass_on_campaigns(call: Call, event: UserEvent) -> None:
    """Campaigns of somebody who left, and the members they added, go to the successor."""
    await call.schedule(hand_over, handover_of(event.after))


HEARD_FROM_IDENTITY = [on("identity.tenant.*", hear_tenant), on("identity.user.deactivated", pass_on_campaigns)]
