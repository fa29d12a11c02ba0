"""What identity does with every event of every service: it goes into the audit trail."""

from collections.abc import Sequence

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on_everything
from identity.audit_entry.append import append
from identity.audit_entry.heard import entries_of
from identity.settings import SERVICES


async def write_down(call: Call, events: Sequence[Event]) -> None:
    """As the links of the tenant's chain, in the order in which they are heard."""
    await append(call, [entry for event in events for entry in entries_of(event)])


HEARD_FROM_ALL = [on_everything(("identity", *SERVICES), write_down)]
