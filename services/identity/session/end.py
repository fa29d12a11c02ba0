"""Ends sessions, everywhere and within seconds: the trigger on the row tells every process that listens."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.doors import consequences
from identity.session.session import KEPT, SESSIONS, table
from kith.identity.v1.session_pb2 import EndSessionRequest, Session

_ACTIVE = Statement(
    select(table.c.id)
    .where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        table.c.owner_id == bindparam("user", type_=Uuid),
        table.c.state == Session.State.Name(Session.ACTIVE),
    )
    .order_by(table.c.id)
)


async def end_session(call: Call, request: EndSessionRequest) -> Session:
    return await end(call, request.id, request.etag)


async def end(call: Call, id: str, etag: str = "") -> Session:
    """Ending one that has ended changes nothing."""
    session = await SESSIONS.lock(call, id, etag=etag)
    if session.state == Session.ACTIVE:
        session.state = Session.ENDED
        session.end_time.FromDatetime(call.now)
        session.purge_time.FromDatetime(call.now + KEPT)
    return await SESSIONS.save(call, session, verb="ended")


async def end_sessions(call: Call, user_id: str, but: UUID | None = None) -> None:
    """All of a user's but one: what follows when they leave, are kept out, or change their password."""
    with consequences(call):
        for row in await call.fetch(_ACTIVE, {"user": UUID(user_id)}):
            if row["id"] != but:
                await end(call, str(row["id"]))
