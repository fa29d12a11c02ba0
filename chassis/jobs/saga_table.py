"""Where a saga stands: its row is its lock, and the count of its steps its fence."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from chassis.database.session import Session
from chassis.database.statement import Statement
from chassis.database.walls import KEPT
from chassis.errors import Refusal
from chassis.jobs.told import written

METADATA = MetaData()
RUNNING, UNDOING, DONE, REFUSED = "RUNNING", "UNDOING", "DONE", "REFUSED"

SAGA = Table(
    "saga",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("setter_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("record_id", Uuid, nullable=False),  # what it is about and, unless a step says otherwise, answers
    Column("held_id", Uuid),  # the record while no other saga of this kind may begin on it
    Column("request_id", Text),  # null once refused, or after its time: then the id is free
    Column("content", LargeBinary, nullable=False),  # SHA-256 of what was asked
    Column("request", LargeBinary, nullable=False),  # empty once ended
    Column("state", Text, nullable=False, server_default=text(f"'{RUNNING}'")),
    Column("steps_done", Integer, nullable=False, server_default=text("0")),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),  # what the steps learnt, ids mostly
    Column("refusal", JSONB),
    Column("begin_time", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("end_time", DateTime(timezone=True)),
    Index("uq_saga__held_id", "tenant_id", "kind", "held_id", unique=True),
    Index("uq_saga__request_id", "tenant_id", "kind", "setter_id", "request_id", unique=True),
    Index("saga_ended", "end_time", postgresql_where=text("held_id is null")),  # retention
)

_GIVEN = ("id", "tenant_id", "setter_id", "kind", "record_id", "held_id", "request_id", "content", "request")
_bind = {column.name: bindparam(column.name, type_=column.type) for column in SAGA.c}
_id = bindparam("id_", type_=Uuid)
_same = [SAGA.c[name] == _bind[name] for name in ("tenant_id", "kind")]
_asked = (SAGA.c.setter_id == _bind["setter_id"]) & (SAGA.c.request_id == _bind["request_id"])
_ended = bindparam("ended", type_=Integer)

EXPIRE = Statement(
    update(SAGA).where(*_same, _asked, SAGA.c.begin_time < func.now() - text(KEPT)).values(request_id=null())
)
BEGIN = Statement(insert(SAGA).values({n: _bind[n] for n in _GIVEN}).on_conflict_do_nothing().returning(*SAGA.c))
# By request id before by record: a reused id must be found out.
FIND = Statement(
    select(SAGA)
    .where(*_same, or_(_asked, SAGA.c.held_id == _bind["held_id"]))
    .order_by(case((_asked, 0), else_=1))
    .limit(1)
)
GET = Statement(select(SAGA).where(SAGA.c.id == _id))
LOCK = Statement(select(SAGA).where(SAGA.c.id == _id).with_for_update())
_moved = {name: _bind[name] for name in ("state", "steps_done", "facts", "refusal")}
MOVE = Statement(update(SAGA).where(SAGA.c.id == _id).values(_moved))
_free = {"end_time": func.clock_timestamp(), "request": b"", "held_id": _bind["held_id"]}
END = Statement(
    update(SAGA)
    .where(SAGA.c.id == _id)
    .values(**_moved, **_free, request_id=case((_bind["state"] == DONE, SAGA.c.request_id), else_=null()))
)


@dataclass(slots=True)
class SagaState:
    """What a step is given: it reads and adds to `facts`, which are kept once it has ended."""

    id: UUID
    tenant_id: UUID
    setter_id: UUID
    record_id: UUID
    request: bytes
    content: bytes
    request_id: str | None
    state: str
    steps_done: int
    facts: dict[str, str]
    refusal: dict[str, Any] | None

    def id_for(self, role: str) -> UUID:
        """The id of what this saga makes in that role: the same however often a step is tried."""
        return uuid5(self.id, role)

    @property
    def ended(self) -> bool:
        return self.state in (DONE, REFUSED)

    @property
    def place(self) -> tuple[str, int]:
        return self.state, self.steps_done

    def one_done(self, steps: int) -> "SagaState":
        """A step further, or a step back."""
        if self.state == UNDOING:
            left = self.steps_done - 1
            return replace(self, steps_done=left, state=UNDOING if left else REFUSED)
        done = self.steps_done + 1
        return replace(self, steps_done=done, state=RUNNING if done < steps else DONE)

    def turned_back(self, refusal: Refusal) -> "SagaState":
        return replace(self, state=UNDOING if self.steps_done else REFUSED, refusal=written(refusal))

    async def save(self, session: Session, once: bool) -> None:
        values: dict[str, object] = {
            "id_": self.id,
            "state": self.state,
            "steps_done": self.steps_done,
            "facts": orjson.dumps(self.facts).decode(),
            "refusal": orjson.dumps(self.refusal).decode() if self.refusal else None,
            "held_id": self.record_id if once and self.state == DONE else None,
        }
        await session.fetch(END if self.ended else MOVE, values)


def state_of(row: asyncpg.Record) -> SagaState:
    values = {name: row[name] for name in SagaState.__slots__}
    values["facts"] = orjson.loads(row["facts"])
    values["refusal"] = orjson.loads(row["refusal"]) if row["refusal"] else None
    return SagaState(**values)
