"""Callers by who they are, kept only as long as identity would tell of a change."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from uuid import UUID

from chassis.access.cache import Cache
from chassis.access.caller import Caller

KEY_SECONDS = 60.0  # an API key may end by its own clock, of which no change tells


@dataclass(frozen=True, slots=True)
class _Kept:
    caller: Caller
    until: float  # of the event loop's clock


@dataclass(frozen=True, slots=True)
class _Asking:
    task: "asyncio.Task[Caller]"
    who: tuple[UUID, UUID] | None  # None: not known before the answer, as with an API key


class Principals:
    """What identity said of whom. Concurrent askers of one principal share one question.

    Being in `_asking` is the licence to be kept: a change takes it away, so an answer that may be older than the
    change is used once. Nothing is kept while the stream of changes is down; what was kept before goes on being used.
    """

    def __init__(self) -> None:
        self._kept: Cache[Hashable, _Kept] = Cache()
        self._keys_of: defaultdict[UUID, defaultdict[UUID, set[Hashable]]] = defaultdict(lambda: defaultdict(set))
        self._asking: dict[Hashable, _Asking] = {}
        self._listening = False

    async def get(
        self,
        key: Hashable,
        ask: Callable[[], Awaitable[Caller]],
        who: tuple[UUID, UUID] | None = None,
        *,
        version: int = 0,
        seconds: float = float("inf"),
    ) -> Caller:
        """The caller behind `key`, at least of `version`, kept for `seconds`. Raises what `ask` raises."""
        now = asyncio.get_running_loop().time()
        kept = self._kept.get(key)
        if kept and kept.until > now and kept.caller.version >= version:
            return kept.caller
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = _Asking(asyncio.ensure_future(ask()), who)
            asking.task.add_done_callback(lambda _: self._answered(key, asking, now + seconds))
        return await asyncio.shield(asking.task)  # one asker's deadline is not the others'

    def forget(self, tenant_id: UUID, user_id: UUID | None) -> None:
        """Identity says this one changed; without a user, whoever is in the tenant."""
        users = self._keys_of[tenant_id]
        for one in [user_id] if user_id else [*users]:
            for key in users.pop(one, ()):
                self._kept.pop(key)
        if not users:
            del self._keys_of[tenant_id]
        for key, asking in [*self._asking.items()]:
            if asking.who is None or (asking.who[0] == tenant_id and user_id in (None, asking.who[1])):
                del self._asking[key]

    def listening(self) -> None:
        """The stream of changes is up, for the first time or again: nobody knows what was missed before."""
        self._kept.clear()
        self._keys_of.clear()
        self._asking.clear()
        self._listening = True

    def deaf(self) -> None:
        """The stream is down: what is known goes on until its token ends, nothing new is kept."""
        self._listening = False

    def _answered(self, key: Hashable, asking: _Asking, until: float) -> None:
        licensed = self._asking.get(key) is asking
        if licensed:
            del self._asking[key]
        if asking.task.cancelled() or asking.task.exception() or not licensed or not self._listening:
            return
        caller = asking.task.result()
        self._keys_of[caller.tenant_id][caller.user_id].add(key)
        if gone := self._kept.put(key, _Kept(caller, until)):
            self._unlist(*gone)

    def _unlist(self, key: Hashable, kept: _Kept) -> None:
        users = self._keys_of[kept.caller.tenant_id]
        users[kept.caller.user_id].discard(key)
        if not users[kept.caller.user_id]:
            del users[kept.caller.user_id]
            if not users:
                del self._keys_of[kept.caller.tenant_id]
