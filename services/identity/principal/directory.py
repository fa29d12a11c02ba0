"""Principals for whoever asks: the suite's other services over the network, and identity itself."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Uuid, bindparam, func, or_, select, update

from chassis.access.caller import Caller, RoleChange
from chassis.database.session import Database, Session
from chassis.database.statement import Statement
from chassis.errors import Refusal, Unauthenticated
from identity.api_key.api_key import table as keys
from identity.authentication.stored import FIND_SECRET
from identity.doors import enter, show
from identity.principal.load import load
from identity.principal.role_change import role_change
from identity.settings import PLATFORM
from kith.identity.v1.api_key_pb2 import ApiKey

NOTED = timedelta(hours=1)  # how exactly it is known when a key was last used; each time would be a write a call

_TENANT, _ID = bindparam("caller_tenant", type_=Uuid), bindparam("id", type_=Uuid)
_KEY = Statement(
    select(func.coalesce(keys.c.user_id, keys.c.service_account_id).label("holder_id"), keys.c.scopes).where(
        keys.c.tenant_id == _TENANT,
        keys.c.id == _ID,
        keys.c.state != ApiKey.State.Name(ApiKey.REVOKED),
        keys.c.delete_time.is_(None),
        or_(keys.c.expire_time.is_(None), keys.c.expire_time > func.now()),
    )
)
# No change of the key: it is written past history and events.
_NOTE = Statement(
    update(keys)
    .where(
        keys.c.tenant_id == _TENANT,
        keys.c.id == _ID,
        or_(
            keys.c.last_used_time.is_(None),
            keys.c.last_used_time < func.now() - bindparam("noted", type_=Interval),
        ),
    )
    .values(last_used_time=func.now())
)


class Directory:
    """Answers `chassis.access.authenticator.Identity` from the database. `programs` are the suite's own, by key."""

    def __init__(self, database: Database, programs: Mapping[bytes, Caller]) -> None:
        self._database, self._programs = database, programs

    async def principal(
        self, tenant_id: UUID, user_id: UUID, session_id: UUID | None, api_key_id: UUID | None = None
    ) -> Caller:
        session = self._database.session(tenant_id)
        try:
            if api_key_id is not None:
                return await _by_key(session, tenant_id, api_key_id, user_id)
            return await load(session, tenant_id, user_id, session_id)
        finally:
            await asyncio.shield(session.finish(commit=False))

    async def role_change(self, tenant_id: UUID, change: Any) -> RoleChange:
        """Raises NotFound, InvalidArgument, RoleCycle."""
        session = self._database.session(tenant_id)
        try:
            return await role_change(session, tenant_id, change)
        finally:
            await asyncio.shield(session.finish(commit=False))

    async def key_holder(self, digest: bytes) -> Caller:
        if program := self._programs.get(digest):
            return program
        session = self._database.session(PLATFORM)
        try:
            caller = await self._key_holder(session, digest)
        except BaseException:
            await asyncio.shield(session.finish(commit=False))
            raise
        with suppress(Refusal):  # the note of when it was used may be lost
            await session.finish(commit=True)
        return caller

    async def _key_holder(self, session: Session, digest: bytes) -> Caller:
        await show(session, digest.hex())
        found = await session.fetch(FIND_SECRET, {"digest": digest})
        if not found or not found[0]["api_key_id"]:
            raise Unauthenticated("this API key is not known")
        tenant_id, key_id = found[0]["tenant_id"], found[0]["api_key_id"]
        await enter(session, tenant_id)
        caller = await _by_key(session, tenant_id, key_id)
        await session.fetch(_NOTE, {"caller_tenant": tenant_id, "id": key_id, "noted": NOTED})
        return caller


async def _by_key(session: Session, tenant_id: UUID, key_id: UUID, holder_id: UUID | None = None) -> Caller:
    """Who a key acts as, within its scopes. Raises Unauthenticated for one that has ended, or is not `holder_id`'s."""
    key = await session.fetch(_KEY, {"caller_tenant": tenant_id, "id": key_id})
    if not key or holder_id not in (None, key[0]["holder_id"]):
        raise Unauthenticated("this API key has ended")
    caller = await load(session, tenant_id, key[0]["holder_id"], scopes=key[0]["scopes"])
    return replace(caller, api_key_id=key_id)
