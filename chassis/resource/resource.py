"""A noun that works: every way to read and write one, inside the caller's tenant and reach.

Records here are whole: rules that ran on a masked record would decide wrongly. What a caller may see of one is settled
by `view` on the way in and by the pipeline's mask on the way out.
"""

from collections.abc import Callable, Iterable, Set
from datetime import timedelta
from typing import Any, Generic, TypeVar

from google.api import field_behavior_pb2 as behavior
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from sqlalchemy import ColumnElement, Table, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import Select

from chassis.access.sight import UNSHARED, Reach, Sight
from chassis.call import Call
from chassis.custom.fit import searched_in
from chassis.custom.held import hold_changed, hold_values, unique_in
from chassis.custom.schema import NONE, Schema
from chassis.database.statement import STATEMENTS, Statement
from chassis.errors import AlreadyExists, InvalidArgument, NotFound, PermissionDenied, StaleEtag
from chassis.ids import new_id, parse_id
from chassis.privacy.erased import brought_by, nobody_returns, refuse_erased, somebody_erased
from chassis.requests import CLAIM_VALUES, claim_binds
from chassis.resource import external
from chassis.resource.change import change_binds, insertion, replacement, with_change, written
from chassis.resource.codec import Codec
from chassis.resource.kinds import FIRST_ETAG, next_etag, timestamp
from chassis.resource.moved import MOVED, refuse_untimely
from chassis.resource.noun import Noun, noun_table
from chassis.resource.references import RESOURCES, Proofs, conditions, proofs, refuse_lost
from chassis.resource.seeing import in_sight
from chassis.resource.settling import Settling
from chassis.resource.view import View

PURGED_AFTER = timedelta(days=30)
T = TypeVar("T", bound=Message)


class Resource(Generic[T]):
    """Ties a message to its table. `defaults` fill a new record; `check` holds on every write."""

    seen_otherwise = False  # whether `seen` is more than what reach and shares give

    def __init__(
        self,
        message: type[T],
        table: Table | None = None,
        *,
        defaults: T | None = None,
        check: Callable[[T], None] | None = None,
    ) -> None:
        self.message, self.noun = message, Noun(message)
        self._read = f"{self.noun.permission}.read"
        self.table = noun_table(message) if table is None else table
        self.codec = Codec(self.noun, self.table)
        self.outputs = self.noun.having(behavior.OUTPUT_ONLY) | {"id", "etag"} & set(self.noun.fields)
        self._defaults, self._settling = defaults, Settling(self.noun, check)
        self._external = external.has_external(message)
        RESOURCES[self.noun.permission] = self
        if not self.noun.options.journal:
            events = self.noun.descriptor.file.message_types_by_name
            self.event = GetMessageClass(events[f"{self.noun.title}Event"])

    # Reading

    def within(self, reach: Reach) -> ColumnElement[bool]:
        """All that `reach` covers, whatever else was shared with the caller: for who knows how far to go."""
        return self.seen(UNSHARED[reach])

    def seen(self, sight: Sight) -> ColumnElement[bool]:
        """The caller's predicate; a noun that more may see than may change adds to it."""
        return in_sight(self, sight)

    def view(self, sight: Sight, hidden: frozenset[str], masked: frozenset[str], custom: Schema = NONE) -> View:
        """Asked for through `call.view`, which knows all four."""
        return View(self, sight, hidden, masked, custom)

    async def get(self, call: Call, id: str, *, deleted: bool = False) -> T:
        """The whole record. Raises NotFound, also for what the caller may not know of, or was deleted."""
        sight = call.sight_by(self.noun, self._read)
        statement = STATEMENTS.get(("get", self.noun.permission, sight), lambda: self._by_id(self.seen(sight)))
        found = await self._one(call, statement, id)
        if not deleted and "delete_time" in found:
            raise self.absent(id)
        return self.message(**found)

    async def referred(self, call: Call, id: str, field: str) -> T:
        """The living record that `field` of a request points at. Raises InvalidArgument naming `field`."""
        try:
            return await self.get(call, id)
        except NotFound:
            raise InvalidArgument.of(field, "points at nothing") from None

    async def get_many(self, call: Call, ids: Iterable[str]) -> list[dict[str, Any]]:
        """Records as constructor arguments, in the order of `ids`; what is absent or invisible is left out."""
        sight = call.sight_by(self.noun, self._read)

        def build() -> Select[Any]:
            wanted = self.table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
            return select(*self.codec.columns).where(self.seen(sight), wanted)

        wanted = [parse_id(id, "ids") for id in ids]
        rows = await call.ask(("get many", self.noun.permission, sight), build, {"ids": wanted})
        found = {fields["id"]: fields for fields in map(self.codec.fields, rows)}
        return [found[id] for id in dict.fromkeys(map(str, wanted)) if id in found]

    async def lock(self, call: Call, id: str, etag: str = "", *, deleted: bool = False, ending: bool = False) -> T:
        """One record for changing, held until the call ends: a living one, or with `deleted` one that is not.

        Others may go on pointing at it meanwhile, unless it is `ending`: then whoever writes a reference to it waits,
        and those who have written one are waited for, so that "nothing points at it" stays true until it is gone.

        Raises NotFound, PermissionDenied, StaleEtag, and AlreadyExists when a deleted one was wanted and it lives.
        """
        sight = call.sight(self.noun, "update")
        shape = "lock", self.noun.permission, sight, ending
        statement = STATEMENTS.get(
            shape, lambda: self._by_id(in_sight(self, sight)).with_for_update(key_share=not ending)
        )
        try:
            found = await self._one(call, statement, id)
        except NotFound:
            await self.get(call, id)
            raise PermissionDenied(
                f"{self.noun.title} {id} is not yours to change", permission=call.permission
            ) from None
        if not deleted and "delete_time" in found:
            raise self.absent(id)
        if deleted and "delete_time" not in found:
            raise AlreadyExists(f"{self.noun.title} {id} is not deleted", id=id)
        if etag not in ("", "*", found["etag"]):
            raise StaleEtag(f"{self.noun.title} {id} has changed", id=id, etag=found["etag"])
        call.before[self.noun.permission, found["id"]] = self.message(**found)
        return self.message(**found)

    # Writing

    async def create(self, call: Call, given: T, *, id: str = "", verb: str = "created", valid: bool = False) -> T:
        """A new record, owned by the caller unless it says otherwise: one statement, or where it has external ids two.
        `valid`: it was sent as it is, and the door has asked the contract's rules of it.

        Raises InvalidArgument for a broken rule or a reference to nothing, AlreadyExists for what is taken.
        """
        made = await self.prepared(call, given, id=id, valid=valid)
        if self.noun.options.journal:
            await call.ask(
                ("insert", self.noun.permission), lambda: insertion(self.table), written(self.codec.values(made))
            )
            return made
        elsewhere = self._external and made.external_ids  # type: ignore[attr-defined]  # as in id_of
        if (unique := unique_in(call, self.noun)) or elsewhere:
            await call.session.begin()
        event = self.event(verb=verb, after=made, **self._signature(call))
        await self._write(call, event, made, proofs(call, self, self.noun.references))
        if elsewhere:
            await external.hold(call, self.noun.permission, made)
        if unique:
            await hold_values(call, unique, [made])
        return made

    async def prepared(self, call: Call, given: T, *, id: str = "", valid: bool = False) -> T:
        """What `create` would write: made now, unless `given` says when, as `admitted` lets it of what was moved here.

        Raises InvalidArgument for a broken rule; references are proven by the write.
        """
        said = MOVED.intersection(field.name for field, _ in given.ListFields())
        if said:
            refuse_untimely(given, call.now)
        made = self.message(**self._stamps(call, id, given, said))
        if self._defaults is not None:
            made.MergeFrom(self._defaults)
        made.MergeFrom(given)
        await self._settling.settle(call, made, valid=valid)
        return made

    async def save(
        self,
        call: Call,
        changed: T,
        verb: str = "updated",
        details: Message | None = None,
        share: Message | None = None,
    ) -> T:
        """Write what `lock` gave and the verb changed: row, history and event together; nothing if nothing did.

        A `share` that came or went is a change of the record, though of none of its fields.
        """
        before = call.before[self.noun.permission, id_of(changed)]
        await self._settling.settle(call, changed, before)
        names = [name for name in self.noun.fields if getattr(before, name) != getattr(changed, name)]
        if not names and share is None:
            return changed
        await refuse_erased(call, self.noun, [changed], before)
        after = self.copy(changed)
        stamps = {"etag": next_etag(before), "update_time": timestamp(call.now), "updater_id": call.caller.user_text}
        for name in stamps.keys() & self.noun.fields.keys():
            after.ClearField(name)
            after.MergeFrom(self.message(**{name: stamps[name]}))
        event: Any = self.event(verb=verb, after=after, before=before, changed_fields=names, **self._signature(call))
        if details is not None:
            event.details.CopyFrom(details)
        if share is not None:
            event.share.CopyFrom(share)
        if self._external and {"external_ids", "delete_time"}.intersection(names):
            await external.hold(call, self.noun.permission, after)
        await hold_changed(call, self.noun, after, names)
        await self._write(call, event, after, proofs(call, self, names))
        call.before[self.noun.permission, id_of(after)] = self.copy(after)
        return after

    async def delete(self, call: Call, id: str, etag: str = "") -> T:
        """Out of every list, still there for Get until it is purged."""
        record: Any = await self.lock(call, id, etag, ending=True)
        record.delete_time.FromDatetime(call.now)
        record.purge_time.FromDatetime(call.now + PURGED_AFTER)
        return await self.save(call, record, verb="deleted")

    async def undelete(self, call: Call, id: str, etag: str = "") -> T:
        """Back among the living. Raises AlreadyExists when it never left, or when a value of it is taken by now."""
        record: Any = await self.lock(call, id, etag, deleted=True)
        record.ClearField("delete_time")
        record.ClearField("purge_time")
        return await self.save(call, record, verb="undeleted")

    async def transfer(self, call: Call, id: str, owner_id: str, team_id: str, etag: str = "") -> T:
        """Owner and team change together, so that no record is of one team by its owner and of another by itself."""
        record: Any = await self.lock(call, id, etag)
        record.owner_id, record.team_id = owner_id, team_id
        return await self.save(call, record, verb="transferred")

    def copy(self, message: T) -> T:
        copy = self.message()
        copy.CopyFrom(message)
        return copy

    def absent(self, id: str) -> NotFound:
        return NotFound(f"{self.noun.title} {id} does not exist", noun=self.noun.permission, id=id)

    # Inside

    def _by_id(self, seen: ColumnElement[bool]) -> Select[Any]:
        return select(*self.codec.columns).where(seen, self.table.c.id == bindparam("id", type_=Uuid))

    async def _one(self, call: Call, statement: Statement, id: str) -> dict[str, Any]:
        rows = await call.fetch(statement, {"id": parse_id(id)})
        if not rows:
            raise self.absent(id)
        return self.codec.fields(rows[0])

    async def _write(self, call: Call, event: Any, record: T, wanted: Proofs) -> None:
        """Row, history, event and claim; nothing at all where a reference does not stand, or an erased one returns."""
        values, new = self.codec.values(record, searched_in(call, self.noun)), not event.HasField("before")
        claim = CLAIM_VALUES if new and call.claim else None
        brought = brought_by(call, self.noun, record) if new else None
        shape = ("write", self.noun.permission, new, bool(claim), wanted, None if brought is None else bool(brought))

        def build() -> Any:
            write = insertion if new else replacement
            stands = *conditions(self, wanted), *nobody_returns(brought)
            return with_change(write(self.table, *stands), self.table, claim)

        binds = written(values) | change_binds(
            self.noun, call, values, event.verb, event.SerializeToString(deterministic=True)
        )
        if claim and call.claim:
            binds |= claim_binds(call.claim, values["id"])
        if await call.ask(shape, build, binds | (brought or {})):
            return
        if brought is not None:
            await refuse_erased(call, self.noun, [record])
            if not brought and await somebody_erased(call):
                await self._write(call, event, record, wanted)
                return
        await refuse_lost(call, self, wanted, values)

    def _signature(self, call: Call) -> dict[str, Any]:
        return {"actor_id": call.caller.user_text, "change_time": timestamp(call.now)}

    def _stamps(self, call: Call, id: str, given: Any, said: Set[str]) -> dict[str, Any]:
        """What the server says of a new record, where `given` has not `said` it. An id tells when it was made."""
        now, user = timestamp(call.now), call.caller.user_text
        made = given.create_time.ToNanoseconds() if "create_time" in said else None
        stamps: dict[str, Any] = {"id": id or str(new_id(made)), "create_time": now, "creator_id": user}
        if not self.noun.options.journal:
            stamps |= {"etag": FIRST_ETAG, "update_time": now, "updater_id": user}
        if self.noun.owned:
            stamps |= {"owner_id": user, "team_id": str(call.caller.team_ids[0]) if call.caller.team_ids else ""}
        return {name: value for name, value in stamps.items() if name in self.noun.fields and name not in said}


def id_of(record: Message) -> str:
    id: str = record.id  # type: ignore[attr-defined]  # every noun has the standard fields; noun_table sees to it
    return id
