"""The jobs and sagas that the tests run, some of them in processes of their own."""

import asyncio
from typing import Any
from uuid import UUID

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from sqlalchemy import Uuid, bindparam, delete, func, select

from chassis.access.caller import Caller, Reach
from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import FailedPrecondition, PermissionDenied
from chassis.events.outbox import BULK
from chassis.ids import new_id
from chassis.jobs.jobs import Job, kind_of
from chassis.jobs.saga import Saga, Step
from chassis.jobs.saga_table import SagaState
from tests.chassis.events.crew_tables import ADD_DONE, DONE
from tests.chassis.events.world import publish

PERMISSION = "source.thing.convert"
USER, DISABLED = UUID(int=7), UUID(int=8)
PIECES = 40
UNDO = Statement(delete(DONE).where(DONE.c.id == bindparam("id_", type_=Uuid)))
COUNT = Statement(select(func.count().label("rows")).where(DONE.c.word == "piece"))


class NotWanted(FailedPrecondition): ...


def user(tenant_id: UUID, user_id: UUID = USER) -> Caller:
    return Caller(tenant_id, user_id, {PERMISSION: Reach.OWN})


async def principals(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None = None) -> Caller:
    if user_id == DISABLED:
        raise PermissionDenied("disabled")
    return user(tenant_id, user_id)


async def note(call: Call, id: UUID, word: str) -> None:
    who = call.caller.user_id
    await call.session.fetch(ADD_DONE, {"tenant_id": call.caller.tenant_id, "id": id, "word": word, "user_id": who})


# Jobs


async def fire(call: Call, request: Struct) -> None:
    await note(call, UUID(str(request["id"])), "fired")


async def stumble(call: Call, request: Struct) -> None:
    await note(call, UUID(str(request["id"])), "stumbled")
    raise ValueError("no")


async def take_in(job: Job, request: Struct) -> None:
    """As an import does: each piece reads how far it has come, does a little and says so, in the bulk lane."""
    while True:
        async with job.piece(lane=BULK) as call:
            (row,) = await call.session.fetch(COUNT, {})
            if row["rows"] == PIECES:
                return
            await note(call, job.id, "piece")
            await publish(call, new_id(), job.id, "kith.source.thing.imported.v1", row["rows"] + 1)


# Sagas


async def account(call: Call, request: Any, saga: SagaState) -> None:
    await _make(call, saga, "account")


async def contact(call: Call, request: Any, saga: SagaState) -> None:
    await _make(call, saga, "contact")


async def ask(call: Call, request: Any, saga: SagaState) -> None:
    """Another service; it would answer the same to the same request id."""
    await asyncio.sleep(0.001)
    saga.facts["ask"] = str(saga.id_for("ask"))


async def deal(call: Call, request: Any, saga: SagaState) -> None:
    await _make(call, saga, "deal")


async def refuse(call: Call, request: Any, saga: SagaState) -> None:
    raise NotWanted("we do not want this", fields={"word": "is not wanted"}, word="x")


async def break_down(call: Call, request: Any, saga: SagaState) -> None:
    raise KeyError("a fault of ours")


async def unmake(call: Call, request: Any, saga: SagaState) -> None:
    await call.session.fetch(UNDO, {"id_": saga.id_for("account")})


async def _make(call: Call, saga: SagaState, role: str) -> None:
    await note(call, saga.id_for(role), role)
    saga.facts[role] = str(saga.id_for(role))


class Notes:
    """Stands for a resource: answers how many notes there are of a saga's making."""

    async def get(self, call: Call, id: str, *, deleted: bool = False) -> Message:
        (row,) = await call.session.fetch(Statement(select(func.count().label("rows")).select_from(DONE)), {})
        reply = Struct()
        reply.update({"id": id, "rows": row["rows"]})
        return reply


def _asked(name: str) -> Any:
    """A request as verbs have it."""
    file = FileDescriptorProto(name=f"kith/test/{name}.proto", package="kith.test", syntax="proto3")
    message = file.message_type.add(name=name)
    for number, field in enumerate(("id", "request_id", "word", "validate_only"), 1):
        kind = FieldDescriptorProto.TYPE_BOOL if field == "validate_only" else FieldDescriptorProto.TYPE_STRING
        message.field.add(name=field, number=number, type=kind, label=FieldDescriptorProto.LABEL_OPTIONAL)
    POOL.Add(file)
    return GetMessageClass(POOL.FindMessageTypeByName(f"kith.test.{name}"))


POOL = DescriptorPool()
ConvertThingRequest, DoomThingRequest, RefuseThingRequest, BreakThingRequest = (
    _asked(f"{verb}ThingRequest") for verb in ("Convert", "Doom", "Refuse", "Break")
)
NOTES = Notes()
CONVERT = Saga(
    ConvertThingRequest,
    steps=[Step(account), Step(contact), Step(ask, remote=True), Step(deal)],
    answer=NOTES,
    once=True,
)
DOOMED = Saga(DoomThingRequest, steps=[Step(account, undo=unmake), Step(ask, remote=True), Step(refuse)], answer=NOTES)
REFUSED = Saga(RefuseThingRequest, steps=[Step(refuse), Step(account)], answer=NOTES)
BROKEN = Saga(BreakThingRequest, steps=[Step(account, undo=unmake), Step(break_down, remote=True)], answer=NOTES)
KINDS = [*(kind_of(function) for function in (fire, stumble, take_in)), *(s.kind for s in (CONVERT, DOOMED, BROKEN))]
