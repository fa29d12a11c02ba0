"""One subscriber's stream: what changed, as the services show it to this caller now.

Records are fetched by BatchGet with the caller's own token, so rights are the service's own: what may not be seen is
not found, and is not told of. The session is asked about at each heart-beat, so a stream ends soon after it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
from google.rpc.code_pb2 import Code

from gateway.incoming import Incoming
from gateway.live.changes import Changes, Ring
from gateway.nouns import Noun
from gateway.problems import Problem
from gateway.rpc.backend import Backend

HEARTBEAT_SECONDS = 3.0
BATCH_SECONDS = 0.25
FETCHED = 200  # records of one BatchGet
FETCH_SECONDS = 5.0
NOT_THEIRS = {Code.PERMISSION_DENIED, Code.UNIMPLEMENTED}  # nouns that this caller may not read, or nobody serves
AWAY = {Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED}
Renew = Callable[[], Awaitable[None]]  # puts a valid token into the incoming; raises Problem(UNAUTHENTICATED)


class Stream:
    """`events` until the session ends, which it tells by ending."""

    def __init__(
        self, changes: Changes, tenant_id: str, incoming: Incoming, nouns: Mapping[str, Noun], backend: Backend,
        renew: Renew,
    ) -> None:  # fmt: skip
        self._changes, self._tenant_id, self._incoming = changes, tenant_id, incoming
        self._nouns, self._backend, self._renew = nouns, backend, renew

    async def events(self, last_event_id: str = "") -> AsyncIterator[bytes]:
        try:
            async for event in self._events(last_event_id):
                yield event
        except Problem as problem:
            if problem.code != Code.UNAUTHENTICATED:
                raise

    async def _events(self, last_event_id: str) -> AsyncIterator[bytes]:
        ring = self._changes.of(self._tenant_id)
        position = ring.position(last_event_id) if last_event_id else ring.last
        if position is None:
            position = ring.last
            yield event("reset", ring.name(position), {})
        else:
            yield event("hello", ring.name(position), {})
        clock = asyncio.get_running_loop().time
        asked = clock()
        while True:
            if clock() - asked >= HEARTBEAT_SECONDS:
                await self._ask_again()
                asked = clock()
                yield b": still here\n\n"
            if ring is not self._changes.of(self._tenant_id):
                ring = self._changes.of(self._tenant_id)
                position = ring.last
                yield event("reset", ring.name(position), {})
            elif await _waited(ring, position, asked + HEARTBEAT_SECONDS - clock()):
                upto, changed = ring.last, ring.since(position)
                told = None if changed is None else await self._fetched(changed)
                position = upto
                if told is None:
                    yield event("reset", ring.name(position), {})
                elif told:
                    yield event("changed", ring.name(position), {"changes": told})

    async def _ask_again(self) -> None:
        """Raises Problem(UNAUTHENTICATED); while identity is away the stream goes on, as calls do."""
        try:
            await self._renew()
        except Problem as problem:
            if problem.code not in AWAY:
                raise

    async def _fetched(self, changed: list[tuple[str, str]]) -> list[dict[str, Any]] | None:
        """[{noun, plural, records}]; None when a service could not say. Raises Problem(UNAUTHENTICATED)."""
        by_noun: dict[str, list[str]] = {}
        for name, id in changed:
            by_noun.setdefault(name, []).append(id)
        told: list[dict[str, Any]] = []
        for name, ids in by_noun.items():
            noun = self._nouns.get(name)
            if noun is None or noun.batch_get is None:
                continue
            try:
                records = await self._records(noun, ids)
            except Problem as problem:
                if problem.code == Code.UNAUTHENTICATED:
                    raise
                if problem.code in NOT_THEIRS:
                    continue
                return None
            if records:
                told.append({"noun": name, "plural": noun.plural, "records": records})
        return told

    async def _records(self, noun: Noun, ids: list[str]) -> list[Any]:
        assert noun.batch_get
        batch_get, found = self._backend.rpc(noun.batch_get.full_name), list[Any]()
        for at in range(0, len(ids), FETCHED):
            reply = await batch_get(self._incoming, FETCH_SECONDS, ids=ids[at : at + FETCHED])
            found += reply[noun.plural]
        return found


async def _waited(ring: Ring, position: int, seconds: float) -> bool:
    """Whether there is something new within `seconds`; a bulk edit is one event, not a thousand."""
    if ring.last == position:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await ring.woken.wait()
        except TimeoutError:
            return False
        await asyncio.sleep(BATCH_SECONDS)
    return True


def event(name: str, id: str, data: object) -> bytes:
    return f"event: {name}\nid: {id}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
