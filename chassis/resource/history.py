"""What became of a record: its revisions (AIP-162), newest first, and the record as it stood at a past moment."""

from typing import Any

from google.protobuf.message import Message
from sqlalchemy import BigInteger, DateTime, Integer, Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import NotFound
from chassis.ids import parse_id
from chassis.resource.change import HISTORY
from chassis.resource.kinds import moment
from chassis.resource.pages import keys_in, page_size, write_token
from chassis.resource.resource import Resource

_OF_RECORD = (
    HISTORY.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
    HISTORY.c.aggregatetype == bindparam("noun", type_=Text),
    HISTORY.c.aggregateid == bindparam("record", type_=Uuid),
)
_NEWEST = select(HISTORY.c.sequence, HISTORY.c.payload).where(*_OF_RECORD).order_by(HISTORY.c.sequence.desc())
_AS_OF = Statement(_NEWEST.where(HISTORY.c.change_time <= bindparam("until", type_=DateTime(timezone=True))).limit(1))
_PAGE = Statement(
    _NEWEST.where(HISTORY.c.sequence < bindparam("before", type_=BigInteger)).limit(
        bindparam("page_limit", type_=Integer)
    )
)
LAST = 2**63 - 1


async def as_of(resource: Resource[Message], call: Call, id: str, read_time: Any) -> Message:
    """The record as it was at `read_time`. Raises NotFound when it was not there yet, or is not for the caller.

    Whether the caller may see it is settled by the record as it is now.
    """
    now: Any = await resource.get(call, id, deleted=True)
    if resource.noun.options.journal:  # it never changes
        if moment(now.create_time) > moment(read_time):
            raise NotFound(f"{resource.noun.title} {id} did not exist then", noun=resource.noun.permission, id=id)
        return now  # type: ignore[no-any-return]  # the noun, known by its descriptor only
    rows = await call.fetch(_AS_OF, {**_binds(resource, id), "until": moment(read_time)})
    if not rows:
        raise NotFound(f"{resource.noun.title} {id} did not exist then", noun=resource.noun.permission, id=id)
    event: Any = resource.event.FromString(rows[0]["payload"])
    return event.after  # type: ignore[no-any-return]  # the noun, known by its descriptor only


async def revisions(resource: Resource[Message], call: Call, request: Any) -> tuple[list[Message], str]:
    """A page of events, newest first, and the token of the next. Raises NotFound, InvalidArgument."""
    await resource.get(call, request.id, deleted=True)
    question = ("revisions", str(call.caller.tenant_id), str(call.caller.user_id), resource.noun.permission, request.id)
    size = page_size(request.page_size)
    (before,) = keys_in(call.means.secret, request.page_token, question) or [str(LAST)]
    rows = await call.fetch(
        _PAGE, {**_binds(resource, request.id), "before": int(before or LAST), "page_limit": size + 1}
    )
    token = write_token(call.means.secret, [rows[size - 1]["sequence"]], question) if len(rows) > size else ""
    return [resource.event.FromString(row["payload"]) for row in rows[:size]], token


def _binds(resource: Resource[Message], id: str) -> dict[str, object]:
    return {"noun": resource.noun.permission, "record": parse_id(id)}
