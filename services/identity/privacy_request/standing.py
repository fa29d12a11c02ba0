"""How far a privacy request has come: who has answered in this round, and what was found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, MetaData, Table, Text, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from identity.privacy_request.privacy_request import table as requests

METADATA = MetaData()
# It goes when the request ends. `known` is sealed: neither this nor a topic says who is being erased.
STANDING = wall(
    Table(
        "privacy_round",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("privacy_request_id", Uuid, primary_key=True),
        Column("number", BigInteger, nullable=False),
        Column("known", Text, nullable=False),
        Column("found", JSONB, nullable=False),
        ForeignKeyConstraint(
            ["tenant_id", "privacy_request_id"],
            [requests.c.tenant_id, requests.c.id],
            name="fk__privacy_request_id",
            ondelete="cascade",
        ),
    )
)
_TENANT, _ID = bindparam("caller_tenant", type_=Uuid), bindparam("privacy_request", type_=Uuid)
_WHERE = STANDING.c.tenant_id == _TENANT, STANDING.c.privacy_request_id == _ID
_new = insert(STANDING).values(
    tenant_id=_TENANT,
    privacy_request_id=_ID,
    number=bindparam("number", type_=BigInteger),
    known=bindparam("known", type_=Text),
    found=bindparam("found", type_=JSONB),
)
_PUT = Statement(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "privacy_request_id"],
        set_={name: _new.excluded[name] for name in ("number", "known", "found")},
    )
)
_LOCK = Statement(select(STANDING.c.number, STANDING.c.known, STANDING.c.found).where(*_WHERE).with_for_update())
_FORGET = Statement(delete(STANDING).where(*_WHERE))


@dataclass
class Standing:
    """`held` says of a noun why it stays; `kept` counts what stayed in the last round."""

    number: int
    known: str
    records: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    changed: bool = False
    held: dict[str, str] = field(default_factory=dict)
    legal_hold_id: str = ""
    erased: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)


async def keep(call: Call, id: str, standing: Standing) -> None:
    found = {name: value for name, value in vars(standing).items() if name not in ("number", "known")}
    said: dict[str, Any] = {"number": standing.number, "known": standing.known, "found": orjson.dumps(found).decode()}
    await call.fetch(_PUT, {"privacy_request": UUID(id), **said})


async def locked(call: Call, id: str) -> Standing | None:
    """None once it has ended. Who answers meanwhile waits."""
    rows = await call.fetch(_LOCK, {"privacy_request": UUID(id)})
    return Standing(rows[0]["number"], rows[0]["known"], **orjson.loads(rows[0]["found"])) if rows else None


async def forget(call: Call, id: str) -> None:
    await call.fetch(_FORGET, {"privacy_request": UUID(id)})
