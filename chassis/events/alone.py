"""Events of no noun, each the only one of its aggregate: what the audit trail is told, what a privacy request asks."""

from uuid import UUID

from google.protobuf.message import Message

from chassis.database.session import Session
from chassis.events.outbox import ADD, INTERACTIVE, topic_of
from chassis.ids import new_id

_ONLY = 0  # its sequence: there is no next one to wait for


async def publish_alone(
    session: Session, type: tuple[str, str, str], tenant_id: UUID, message: Message, headers: str
) -> None:
    """`kith.<service>.<what>.<verb>.v1`, by its three names, into the outbox with all else the transaction does."""
    (service, what, verb), id = type, new_id()
    row = {
        "lane": INTERACTIVE,
        "topic": topic_of(service),
        "id": id,
        "aggregatetype": f"{service}.{what}",
        "aggregateid": id,
        "type": f"kith.{service}.{what}.{verb}.v1",
        "tenant_id": tenant_id,
        "sequence": _ONLY,
        "headers": headers,
        "payload": message.SerializeToString(deterministic=True),
    }
    await session.fetch(ADD, row)
