"""Who was erased, by digests of their addresses and numbers: whoever brings them back unasked is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, MetaData, Table, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.access.cache import Cache
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.errors import FailedPrecondition
from chassis.privacy.clean import is_person, reached_by
from chassis.privacy.person import Known
from chassis.sealed.fields import ring_of

if TYPE_CHECKING:
    from chassis.call import Call
    from chassis.resource.noun import Noun

METADATA = MetaData()
ERASED = wall(
    Table(
        "erased",
        METADATA,
        Column("tenant_id", Uuid),
        Column("digest", LargeBinary),
        Column("privacy_request_id", Uuid, nullable=False),
        PrimaryKeyConstraint("tenant_id", "digest", name="pk_erased__digest"),
    )
)
_TENANT, _DIGESTS = bindparam("caller_tenant", type_=Uuid), bindparam("digests", type_=ARRAY(LargeBinary))
_ADD = Statement(
    insert(ERASED)
    .from_select(
        ["tenant_id", "digest", "privacy_request_id"],
        select(_TENANT, func.unnest(_DIGESTS), bindparam("privacy_request", type_=Uuid)),
    )
    .on_conflict_do_nothing()
)
_SOMEBODY: Cache[UUID, bool] = Cache()  # tenants in which somebody was erased
_BROUGHT = bindparam("brought", type_=ARRAY(LargeBinary))
_ANY = Statement(select(ERASED.c.digest).where(ERASED.c.tenant_id == _TENANT).limit(1))
_FIND = Statement(select(ERASED.c.digest).where(ERASED.c.tenant_id == _TENANT, ERASED.c.digest == any_(_DIGESTS)))


class PersonErased(FailedPrecondition): ...


async def remember(call: Call, known: Known, privacy_request_id: str) -> None:
    """That whoever has these addresses and numbers was erased."""
    await call.fetch(_ADD, {"digests": [*_digests(call, known).values()], "privacy_request": UUID(privacy_request_id)})


def brought_by(call: Call, noun: Noun, record: Any) -> dict[str, object] | None:
    """What `nobody_returns` is filled with for a new record; None where there is nothing to ask. Where nobody is known
    to be erased it is empty: most tenants pay one look into an empty index. Raises KeyUnknown."""
    if call.means.data_keys is None or not is_person(noun.descriptor):
        return None
    if not _SOMEBODY.get(call.caller.tenant_id):
        return {}
    known = reached_by(record)
    return {"brought": [*_digests(call, known).values()]} if known else None


def nobody_returns(brought: dict[str, object] | None) -> list[ColumnElement[bool]]:
    """A part of the write itself, so that asking costs no round trip."""
    if brought is None:
        return []
    erased = select(ERASED.c.digest).where(ERASED.c.tenant_id == _TENANT)
    return [~(erased.where(ERASED.c.digest == any_(_BROUGHT)) if brought else erased).exists()]


async def somebody_erased(call: Call) -> bool:
    """In the call's tenant; from then on this process knows it."""
    if not await call.fetch(_ANY, {}):
        return False
    _SOMEBODY.put(call.caller.tenant_id, True)
    return True


async def refuse_erased(call: Call, noun: Noun, records: Sequence[Any], before: Any = None) -> None:
    """Raises PersonErased, naming no address. What `before` had already is nobody's return."""
    if not is_person(noun.descriptor) or not records or call.means.data_keys is None:
        return
    new = [reached_by(record) for record in records]
    known = Known(frozenset().union(*(one.emails for one in new)), frozenset().union(*(one.phones for one in new)))
    if before is not None:
        old = reached_by(before)
        known = Known(known.emails - old.emails, known.phones - old.phones)
    if not known or not await somebody_erased(call):
        return
    if await call.fetch(_FIND, {"digests": [*_digests(call, known).values()]}):
        raise PersonErased(f"whoever this {noun.title} is about asked to be erased", noun=noun.permission)


def _digests(call: Call, known: Known) -> dict[str, bytes]:
    ring = ring_of(call)
    return {one: ring.digest(one) for one in sorted(known.emails | known.phones)}
