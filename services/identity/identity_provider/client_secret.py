"""The client secrets of identity providers, sealed: no message, event, history or log ever holds one."""

from uuid import UUID

from sqlalchemy import Column, ForeignKeyConstraint, LargeBinary, MetaData, Table, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.sealed.sealer import Sealer
from identity.authority import authority_of
from identity.identity_provider.identity_provider import table as providers

METADATA = MetaData()
CLIENT_SECRET = wall(
    Table(
        "client_secret",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("identity_provider_id", Uuid, primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        ForeignKeyConstraint(
            ["tenant_id", "identity_provider_id"],
            [providers.c.tenant_id, providers.c.id],
            name="fk__identity_provider_id",
            ondelete="cascade",
        ),
    )
)
_OF = (
    CLIENT_SECRET.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
    CLIENT_SECRET.c.identity_provider_id == bindparam("provider", type_=Uuid),
)
_READ = Statement(select(CLIENT_SECRET.c.sealed).where(*_OF))
_FORGET = Statement(delete(CLIENT_SECRET).where(*_OF))
_SEALED = bindparam("sealed", type_=LargeBinary)
_KEEP = Statement(
    insert(CLIENT_SECRET)
    .values(
        tenant_id=bindparam("caller_tenant", type_=Uuid),
        identity_provider_id=bindparam("provider", type_=Uuid),
        sealed=_SEALED,
    )
    .on_conflict_do_update(index_elements=["tenant_id", "identity_provider_id"], set_={"sealed": _SEALED})
)


async def keep_secret(call: Call, provider_id: str, secret: str) -> None:
    """In place of the one before; "" is none."""
    named = {"provider": UUID(provider_id)}
    if not secret:
        await call.fetch(_FORGET, named)
        return
    sealed = _sealer(call).seal(_place(call, provider_id), secret.encode())
    await call.fetch(_KEEP, {**named, "sealed": sealed})


async def secret_of(call: Call, provider_id: str) -> str:
    """ "" for a client without one."""
    rows = await call.fetch(_READ, {"provider": UUID(provider_id)})
    if not rows:
        return ""
    return _sealer(call).open(_place(call, provider_id), rows[0]["sealed"]).decode()


def _sealer(call: Call) -> Sealer:
    return Sealer.of("kith client secrets", authority_of(call).sealing)


def _place(call: Call, provider_id: str) -> bytes:
    """Sealed in one row, it opens in no other."""
    return call.caller.tenant_id.bytes + UUID(provider_id).bytes
