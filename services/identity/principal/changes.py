"""Who changed: written by triggers in the change's own transaction, told to every process that listens.

Triggers, since no verb, import or consumer can then forget to tell. Each replica of identity reads the table four times
a second; positions are handed out before commit, so it reads the last minute again each time and passes on what it
has not seen: longer than any transaction of a call can take.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DDL, Interval, bindparam, event, func, select

from chassis.access.watch import Change, Withdrawn
from chassis.database.session import Database
from chassis.database.statement import Statement
from chassis.errors import Refusal, Unavailable
from identity.settings import PLATFORM
from identity.tables import METADATA, PRINCIPAL_CHANGE

POLL_SECONDS, HEARTBEAT_SECONDS = 0.25, 1.0
OVERLAP = timedelta(seconds=60)
WAITING = 10_000  # changes a slow listener may lag behind before its stream is broken off
EVERYBODY = UUID(int=0)
log = logging.getLogger(__name__)

_SINCE = func.clock_timestamp() - bindparam("age", type_=Interval)
_READ = Statement(
    select(*PRINCIPAL_CHANGE.c).where(PRINCIPAL_CHANGE.c.create_time > _SINCE).order_by(PRINCIPAL_CHANGE.c.position)
)

# Arguments: the columns of which one says whose principal it is; none for everybody's in the tenant.
_FUNCTION = """
create function principal_changed() returns trigger language plpgsql as $$
declare
  written jsonb := to_jsonb(new);
  whose uuid := coalesce(written ->> tg_argv[0], written ->> tg_argv[1], '00000000-0000-0000-0000-000000000000');
begin
  insert into principal_version as known (tenant_id, user_id, version) values (new.tenant_id, whose, 1)
    on conflict (tenant_id, user_id) do update set version = known.version + 1;
  insert into principal_change (tenant_id, user_id) values (new.tenant_id, whose);
  return null;
end $$"""
_USER_PARTS = (
    *("state", "role_ids", "team_ids", "primary_team_id", "time_zone", "locale", "delete_time"),
    *("mfa_methods", "first_day_of_week"),
)
_TENANT_PARTS = (
    *("state", "base_currency", "exchange_rates", "default_time_zone", "default_locale"),
    "security_policy",
)
_FIELD_PARTS = (
    *("state", "delete_time", "label_zh", "label_en", "required", "sensitive", "personal", "options", "formula"),
    "default_value",
)
_KEY_PARTS = ("state", "delete_time", "scopes", "expire_time", "prefix")
_TRIGGERS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    '"user"': ("update", _USER_PARTS, ("id",)),
    "service_account": ("update", ("state", "role_ids", "delete_time"), ("id",)),
    "session": ("update", ("state", "auth_methods"), ("owner_id",)),
    "api_key": ("update", _KEY_PARTS, ("user_id", "service_account_id")),
    "role": ("update", ("grants", "field_rights", "base_id", "closed_nouns", "delete_time"), ()),
    "team": ("insert or update", (), ()),
    "shared_with": ("insert", (), ("user_id",)),
    "sharing_rule": ("insert or update", (), ()),
    "field_definition": ("update", _FIELD_PARTS, ()),
    "tenant": ("update", _TENANT_PARTS, ()),
}


def _trigger(table: str, when: str, parts: tuple[str, ...], whose: tuple[str, ...]) -> str:
    differs = " or ".join(f"old.{part} is distinct from new.{part}" for part in parts)
    return (
        f"create trigger principal_changed after {when} on {table} for each row "
        + (f"when ({differs}) " if parts else "")
        + f"execute function principal_changed({', '.join(map(repr, whose))})"
    )


for _sql in (_FUNCTION, *(_trigger(table, *told) for table, told in _TRIGGERS.items())):
    event.listen(METADATA, "after_create", DDL(_sql.replace("%", "%%")))  # type: ignore[no-untyped-call]


class Changes:
    """One a process: `run` reads, `listen` is what each stream, and the process's own Authenticator, hears."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: set[int] | None = None  # None: not reading, so nobody may rely on us
        self._listeners: set[asyncio.Queue[Change | Unavailable]] = set()
        self._reading = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. When reading fails, every stream ends: its listener knows then what it may have missed."""
        clock = asyncio.get_running_loop().time
        beat = clock()
        while True:
            try:
                changes = await self._read()
            except Refusal as refusal:
                log.warning("changes of principals cannot be read", extra={"why": str(refusal)})
                self._break_off()
            else:
                beats = [None] if clock() - beat >= HEARTBEAT_SECONDS else []
                beat = clock() if beats else beat
                for listener in [*self._listeners]:
                    self._tell(listener, [*changes, *beats])
                self._reading.set()
            await asyncio.sleep(POLL_SECONDS)

    async def listen(self) -> AsyncGenerator[Change, None]:
        """None at once, since from then on nothing is missed; then changes, and None every second.

        Raises Unavailable when reading failed, or when the listener is too slow.
        """
        await self._reading.wait()
        heard: asyncio.Queue[Change | Unavailable] = asyncio.Queue(WAITING + 1)
        self._listeners.add(heard)
        try:
            yield None
            while True:
                said = await heard.get()
                if isinstance(said, Unavailable):
                    raise said
                yield said
        finally:
            self._listeners.discard(heard)

    def _tell(self, listener: "asyncio.Queue[Change | Unavailable]", changes: list[Change]) -> None:
        if listener.qsize() + len(changes) > WAITING:
            self._listeners.discard(listener)
            while not listener.empty():
                listener.get_nowait()
            listener.put_nowait(Unavailable("this stream is read too slowly"))
            return
        for change in changes:
            listener.put_nowait(change)

    def _break_off(self) -> None:
        self._reading.clear()
        self._seen = None
        for listener in self._listeners:
            listener.put_nowait(Unavailable("changes of principals cannot be read"))
        self._listeners.clear()

    async def _read(self) -> list[Change]:
        session = self._database.session(PLATFORM)
        try:
            rows = await session.fetch(_READ, {"age": OVERLAP})
        finally:
            await session.finish(commit=False)
        seen, self._seen = self._seen, {row["position"] for row in rows}
        if seen is None:  # whoever listens from now on knows nothing older
            return []
        new = [row for row in rows if row["position"] not in seen]
        return [_told(row) for row in new]


def _told(row: Any) -> Change:
    if row["kid"]:
        return Withdrawn(row["kid"])
    return row["tenant_id"], None if row["user_id"] == EVERYBODY else row["user_id"]
