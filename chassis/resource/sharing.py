"""One record shown to a user or a team, by whoever may share it: who was given what, and taken back."""

from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable
from chassis.ids import parse_id
from chassis.resource.kinds import moment, timestamp
from chassis.resource.pages import keys_in, page_size, write_token
from chassis.resource.resource import Resource, id_of
from chassis.resource.share_table import SHARE, STANDS
from kith.v1.share_pb2 import Share

T = TypeVar("T", bound=Message)
NOBODY = UUID(int=0)


class NotShared(FailedPrecondition): ...


_KEYS = {
    "tenant_id": bindparam("caller_tenant", type_=Uuid),
    "noun": bindparam("noun", type_=Text),
    "record_id": bindparam("record", type_=Uuid),
    "grantee_id": bindparam("grantee", type_=Uuid),
}
_GIVEN = {
    "level": bindparam("level", type_=SmallInteger),
    "expire_time": bindparam("expire", type_=DateTime(timezone=True)),
    "reason": bindparam("reason", type_=Text),
}
_BY = {
    "creator_id": bindparam("caller_user", type_=Uuid),
    "create_time": bindparam("moment", type_=DateTime(timezone=True)),
}
_ADD = insert(SHARE).values(**_KEYS, **_GIVEN, **_BY, is_team=bindparam("is_team", type_=Boolean))
_PUT = Statement(
    _ADD.on_conflict_do_update(
        index_elements=list(_KEYS),
        set_={**_GIVEN, **_BY},
        where=or_(*(SHARE.c[name].is_distinct_from(bind) for name, bind in _GIVEN.items())),
    ).returning(SHARE.c.grantee_id)
)
TOLD = [SHARE.c.grantee_id, SHARE.c.is_team, SHARE.c.level, SHARE.c.expire_time, SHARE.c.reason]
TOLD += [SHARE.c.creator_id, SHARE.c.create_time]
_TAKE = Statement(delete(SHARE).where(*(SHARE.c[name] == bind for name, bind in _KEYS.items())).returning(*TOLD))
_OF_RECORD = [SHARE.c[name] == _KEYS[name] for name in ("tenant_id", "noun", "record_id")]
_PAGE = Statement(
    select(*TOLD)
    .where(*_OF_RECORD, STANDS, SHARE.c.grantee_id > bindparam("after", type_=Uuid))
    .order_by(SHARE.c.grantee_id)
    .limit(bindparam("page_limit", type_=Integer))
)
_OF_GRANTEE = Statement(
    select(SHARE.c.noun, SHARE.c.record_id)
    .where(
        SHARE.c.tenant_id == _KEYS["tenant_id"],
        SHARE.c.grantee_id == _KEYS["grantee_id"],
        SHARE.c.noun == any_(bindparam("nouns", type_=ARRAY(Text))),
    )
    .order_by(SHARE.c.noun, SHARE.c.record_id)
    .limit(bindparam("at_once", type_=BigInteger))
)


async def is_there(resource: Resource[Any], call: Call, request: Any) -> bool:
    """Whether there is such a user or team to share with: identity is asked, so before the transaction."""
    field, grantee = grantee_of(request)
    if request.HasField("expire_time") and moment(request.expire_time) <= call.now:
        raise InvalidArgument.of("expire_time", "is past")
    if call.means.shown_to is None:
        raise Unavailable("whom records are shared with cannot be asked here")
    tenant, noun = call.caller.tenant_id, resource.noun.permission
    return await call.means.shown_to(tenant, noun, grantee, field == "team_id")


async def share(resource: Resource[T], call: Call, request: Any) -> T:
    """Show it to somebody, or change what they had; nothing is written where that is what they have.

    Raises InvalidArgument where `is_there` heard that they are not.
    """
    record = await resource.lock(call, request.id, request.etag)
    field, grantee = grantee_of(request)
    if not call.heard:
        raise InvalidArgument.of(field, "points at nothing")
    expire = moment(request.expire_time) if request.HasField("expire_time") else None
    given = {"level": int(request.level), "expire": expire, "reason": request.reason, "moment": call.now}
    named = _named(resource, record, grantee)
    if not await call.fetch(_PUT, {**named, **given, "is_team": field == "team_id"}):
        return record
    signed: dict[str, Any] = {"creator_id": str(call.caller.user_id), "create_time": timestamp(call.now)}
    made = Share(level=request.level, reason=request.reason, **signed | {field: str(grantee)})
    if expire:
        made.expire_time.CopyFrom(request.expire_time)
    return await resource.save(call, record, verb="shared", share=made)


async def unshare(resource: Resource[T], call: Call, request: Any) -> T:
    """Take it back. Raises NotShared."""
    record = await resource.lock(call, request.id, request.etag)
    return await _taken(resource, call, record, grantee_of(request)[1])


async def shares(resource: Resource[T], call: Call, request: Any) -> tuple[list[Share], str]:
    """A page of whom a record is shared with now, and the next page's token. Raises NotFound, InvalidArgument."""
    await resource.get(call, request.id, deleted=True)
    question = ("shares", str(call.caller.tenant_id), str(call.caller.user_id), resource.noun.permission, request.id)
    size = page_size(request.page_size)
    (after,) = keys_in(call.means.secret, request.page_token, question) or [str(NOBODY)]
    named = {"noun": resource.noun.permission, "record": parse_id(request.id)}
    rows = await call.fetch(_PAGE, {**named, "after": UUID(after or ""), "page_limit": size + 1})
    token = write_token(call.means.secret, [rows[size - 1]["grantee_id"]], question) if len(rows) > size else ""
    return [told(row) for row in rows[:size]], token


async def end_shares(call: Call, resources: dict[str, Resource[Any]], grantee: str, at_once: int) -> int:
    """Take back some of what was shared with somebody who has left; how many there were."""
    asked: dict[str, object] = {"grantee": parse_id(grantee), "nouns": sorted(resources), "at_once": at_once}
    rows = await call.fetch(_OF_GRANTEE, asked)
    for row in rows:
        resource = resources[row["noun"]]
        try:
            record = await resource.lock(call, str(row["record_id"]))
        except NotFound:  # a deleted one has no more events
            await call.fetch(_TAKE, {**asked, "noun": row["noun"], "record": row["record_id"]})
        else:
            await _taken(resource, call, record, parse_id(grantee))
    return len(rows)


def grantee_of(request: Any) -> tuple[str, UUID]:
    """Which field says with whom, and what it says. Raises InvalidArgument unless exactly one does."""
    said = [field for field in ("user_id", "team_id") if getattr(request, field)]
    if len(said) != 1:
        problem = "is given, and team_id too: name one of them" if said else "or team_id: name one of them"
        raise InvalidArgument.of("user_id", problem)
    return said[0], parse_id(getattr(request, said[0]), said[0])


async def _taken(resource: Resource[T], call: Call, record: T, grantee: UUID) -> T:
    rows = await call.fetch(_TAKE, _named(resource, record, grantee))
    if not rows:
        raise NotShared(f"{resource.noun.title} {id_of(record)} is not shared with {grantee}", id=id_of(record))
    return await resource.save(call, record, verb="unshared", share=told(rows[0]))


def _named(resource: Resource[Any], record: Message, grantee: UUID) -> dict[str, object]:
    return {"noun": resource.noun.permission, "record": parse_id(id_of(record)), "grantee": grantee}


def told(row: Any) -> Share:
    """A row of the table as its share."""
    said: dict[str, Any] = {
        "team_id" if row["is_team"] else "user_id": str(row["grantee_id"]),
        "creator_id": str(row["creator_id"]),
        "create_time": timestamp(row["create_time"]),
    }
    if row["expire_time"]:
        said["expire_time"] = timestamp(row["expire_time"])
    return Share(level=row["level"], reason=row["reason"], **said)
