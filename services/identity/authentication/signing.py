"""The keys access tokens are signed with: made once, sealed at rest, the next one public before it is used."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import orjson
from joserfc.jwk import ECKey
from sqlalchemy import DateTime, Interval, LargeBinary, Text, Uuid, bindparam, func, insert, or_, select, update

from chassis.access.caller import Caller
from chassis.access.tokens import AUDIENCE, ISSUER, LIFETIME_SECONDS, sign
from chassis.clock import now
from chassis.database.session import Database, Session
from chassis.database.statement import Statement
from chassis.errors import NotFound, Refusal
from chassis.ids import new_id
from chassis.sealed.sealer import Sealer
from identity.settings import PLATFORM
from identity.tables import PRINCIPAL_CHANGE, SIGNING_KEY

IN_USE_FOR = timedelta(days=30)
RELOADED_SECONDS = 15.0  # a rotation by another replica is heard of within that
LEAVING = timedelta(seconds=LIFETIME_SECONDS + 120)  # until the last token of a key has surely ended
Jwk: TypeAlias = dict[str, Any]
log = logging.getLogger(__name__)

_MOMENT = DateTime(timezone=True)
_LOCK = Statement(select(func.pg_advisory_xact_lock(func.hashtext("signing_key"))))
_READ = Statement(
    select(SIGNING_KEY)
    .where(or_(SIGNING_KEY.c.end_time.is_(None), SIGNING_KEY.c.end_time > func.now()))
    .order_by(SIGNING_KEY.c.begin_time.nulls_last(), SIGNING_KEY.c.create_time)
)
_WORN = Statement(
    select(SIGNING_KEY.c.kid).where(
        SIGNING_KEY.c.begin_time < func.now() - bindparam("for", type_=Interval), SIGNING_KEY.c.end_time.is_(None)
    )
)
_ADD = Statement(
    insert(SIGNING_KEY).values(
        kid=bindparam("kid", type_=Text),
        sealed=bindparam("sealed", type_=LargeBinary),
        begin_time=bindparam("begin", type_=_MOMENT),
    )
)
_IN_USE = SIGNING_KEY.c.begin_time.is_not(None) & SIGNING_KEY.c.end_time.is_(None)
_WITHDRAW = Statement(
    update(SIGNING_KEY)
    .where(
        SIGNING_KEY.c.kid == bindparam("kid", type_=Text),
        or_(SIGNING_KEY.c.end_time.is_(None), SIGNING_KEY.c.end_time > func.now()),
    )
    .values(begin_time=func.coalesce(SIGNING_KEY.c.begin_time, func.now()), end_time=func.now())
    .returning(SIGNING_KEY.c.kid)
)
_TELL = Statement(
    insert(PRINCIPAL_CHANGE).values(
        tenant_id=bindparam("nobody", type_=Uuid),
        user_id=bindparam("nobody", type_=Uuid),
        kid=bindparam("kid", type_=Text),
    )
)
_LEAVE = Statement(update(SIGNING_KEY).where(_IN_USE).values(end_time=bindparam("end", type_=_MOMENT)))
_BEGIN = Statement(
    update(SIGNING_KEY).where(SIGNING_KEY.c.begin_time.is_(None)).values(begin_time=bindparam("begin", type_=_MOMENT))
)


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    key: ECKey
    signs: bool

    @property
    def jwk(self) -> Jwk:
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "ES256"}


class SigningKeys:
    """The key in use, the one to come, and those leaving; read again every few seconds, away from any call."""

    def __init__(self, database: Database, sealing: str) -> None:
        self._database = database
        self._sealer = Sealer.of("kith signing keys", sealing)
        self._keys: list[SigningKey] = []
        self._there = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. Raises InvalidTag when KITH_IDENTITY_SECRET is not the one the keys were sealed with."""
        while True:
            try:
                await self.keep()
            except Refusal:
                log.warning("signing keys cannot be read", exc_info=True)
            await asyncio.sleep(RELOADED_SECONDS if self._keys else 1)

    async def keep(self) -> None:
        """Read the keys; make the first ones where there are none, and change the one in use when it is a month old."""
        await self._change(self._kept)

    async def rotate(self) -> None:
        """The next key comes into use, the present one leaves, and another next one is made."""
        await self._change(self._rotated)

    async def withdraw(self, kid: str) -> str:
        """Nothing signed with it is believed any more, by anybody, within seconds; the key that signs from now on.

        Raises NotFound for one that is not there, or has left.
        """

        async def withdrawn(session: Session) -> None:
            await session.fetch(_LOCK, {})
            if not await session.fetch(_WITHDRAW, {"kid": kid}):
                raise NotFound("there is no such signing key")
            await session.fetch(_TELL, {"kid": kid, "nobody": UUID(int=0)})
            left = await session.fetch(_READ, {})
            if not any(row["begin_time"] and not row["end_time"] for row in left):
                await session.fetch(_BEGIN, {"begin": now()})
                left = []
            if not any(row["begin_time"] is None for row in left):
                await self._add(session, begin=None)

        await self._change(withdrawn)
        return next(one.kid for one in self._keys if one.signs)

    async def jwks(self) -> dict[str, list[Jwk]]:
        """All that a token may be signed with now or soon; waits for the first to be there."""
        await self._there.wait()
        return {"keys": [one.jwk for one in self._keys]}

    async def sign(self, caller: Caller, *, act: UUID | None = None) -> tuple[str, datetime]:
        """An access token for `caller`, with whom `act` works on their behalf; and when it ends."""
        await self._there.wait()
        using = next(one for one in self._keys if one.signs)
        begin = now().replace(microsecond=0)
        end = begin + timedelta(seconds=LIFETIME_SECONDS)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(caller.user_id),
            "tid": str(caller.tenant_id),
            "sid": str(caller.session_id or ""),
            "pv": caller.version,
            "iat": int(begin.timestamp()),
            "exp": int(end.timestamp()),
            "jti": str(new_id()),
        }
        if act:
            claims["act"] = {"sub": str(act)}
        return sign(using.key, using.kid, claims), end

    async def _change(self, work: Callable[[Session], Awaitable[None]]) -> None:
        session = self._database.session(PLATFORM)
        try:
            await session.begin()
            await work(session)
            self._keys = [self._opened(row) for row in await session.fetch(_READ, {})]
        except BaseException:
            await asyncio.shield(session.finish(commit=False))
            raise
        await session.finish(commit=True)
        self._there.set()

    async def _founded(self, session: Session) -> None:
        """The first process of all makes the first two keys; those that start beside it wait, and read them."""
        if await session.fetch(_READ, {}):
            return
        await session.fetch(_LOCK, {})
        if not await session.fetch(_READ, {}):
            await self._add(session, begin=now())
            await self._add(session, begin=None)

    async def _kept(self, session: Session) -> None:
        """Of several processes that see an old key the first changes it."""
        await self._founded(session)
        worn = {"for": IN_USE_FOR}
        if await session.fetch(_WORN, worn):
            await session.fetch(_LOCK, {})
            if await session.fetch(_WORN, worn):
                await self._rotated(session)

    async def _rotated(self, session: Session) -> None:
        await self._founded(session)
        await session.fetch(_LOCK, {})
        await session.fetch(_LEAVE, {"end": now() + LEAVING})
        await session.fetch(_BEGIN, {"begin": now()})
        await self._add(session, begin=None)

    async def _add(self, session: Session, begin: datetime | None) -> None:
        kid = secrets.token_hex(12)  # nothing that a command would take for an option
        private = orjson.dumps(ECKey.generate_key("P-256").as_dict(private=True))
        sealed = self._sealer.seal(kid.encode(), private)
        await session.fetch(_ADD, {"kid": kid, "sealed": sealed, "begin": begin})

    def _opened(self, row: Any) -> SigningKey:
        private = self._sealer.open(row["kid"].encode(), row["sealed"])
        signs = row["begin_time"] is not None and row["end_time"] is None
        return SigningKey(row["kid"], ECKey.import_key(orjson.loads(private)), signs)
