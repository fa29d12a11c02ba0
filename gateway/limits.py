"""How much one caller may ask at once: token buckets per tenant, user, key and address, in this process's memory.

A bucket of `burst` refills at `per_second`. Who a token belongs to is asked of identity once, so nobody can empty
somebody else's bucket with a token they made up. Replicas count for themselves: the whole allows as many times more.
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from chassis.access.cache import Cache
from gateway.incoming import Incoming
from gateway.known import Callers
from gateway.problems import exhausted

BUCKETS = 50_000
KEY_PREFIX = "kith_"


@dataclass(frozen=True)
class Policy:
    """One kind of bucket; `per_second` 0 is no limit."""

    name: str
    per_second: float
    burst: int

    @cached_property
    def header(self) -> str:
        """As in RateLimit-Policy of draft-ietf-httpapi-ratelimit-headers: quota and window in seconds."""
        return f'"{self.name}";q={self.burst};w={max(1, math.ceil(self.burst / self.per_second))}'


class Bucket:
    __slots__ = ("at", "left")

    def __init__(self, left: float, at: float) -> None:
        self.left, self.at = left, at


@dataclass(frozen=True)
class Rates:
    """The policies of a gateway."""

    tenant: Policy
    user: Policy
    key: Policy
    address: Policy  # of requests that bring no token, or a wrong one
    session: Policy  # of attempts to sign in or refresh, per address


class Limits:
    def __init__(self, rates: Rates, callers: Callers, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates, self._callers, self._clock = rates, callers, clock
        self._buckets: Cache[tuple[str, str], Bucket] = Cache(BUCKETS)

    async def admit(self, incoming: Incoming, cost: int = 1) -> None:
        """Take `cost` from each bucket of the caller, or from none. Raises Problem: 429, or 401 for a wrong token."""
        self._take(incoming, await self._subjects(incoming), cost)

    def unknown(self, incoming: Incoming) -> None:
        """One question to identity about a token or cookie not seen before. Raises Problem (429)."""
        self._take(incoming, [(self.rates.address, incoming.address)], 1)

    def attempt(self, incoming: Incoming) -> None:
        """One attempt to become known. Raises Problem (429)."""
        self._take(incoming, [(self.rates.session, incoming.address)], 1)

    async def standing(self, incoming: Incoming) -> list[dict[str, object]]:
        """What each bucket of the caller holds, without taking anything."""
        now = self._clock()
        return [
            {
                "name": policy.name,
                "quota": policy.burst,
                "perSecond": policy.per_second,
                "remaining": math.floor(self._filled(policy, subject, now).left),
            }
            for policy, subject in await self._subjects(incoming)
            if policy.per_second
        ]

    async def _subjects(self, incoming: Incoming) -> list[tuple[Policy, str]]:
        if not incoming.token:
            return [(self.rates.address, incoming.address)]
        known = self._callers.remembered(incoming.token)
        if known is None:
            self.unknown(incoming)
            known = await self._callers.ask(incoming)
        own = self.rates.key if incoming.token.startswith(KEY_PREFIX) else self.rates.user
        if known.tenant_id and own is self.rates.user:
            return [(self.rates.tenant, known.tenant_id), (own, f"{known.tenant_id}/{known.user_id}")]
        by_itself = own, hashlib.sha256(incoming.token.encode()).hexdigest()
        return [(self.rates.tenant, known.tenant_id), by_itself] if known.tenant_id else [by_itself]

    def _take(self, incoming: Incoming, subjects: list[tuple[Policy, str]], cost: int) -> None:
        now = self._clock()
        buckets = [(policy, self._filled(policy, subject, now)) for policy, subject in subjects if policy.per_second]
        short = [(policy, bucket) for policy, bucket in buckets if bucket.left < cost]
        if not short:
            for _, bucket in buckets:
                bucket.left -= cost
        incoming.limits = _headers(buckets)
        if short:
            wait = max((cost - bucket.left) / policy.per_second for policy, bucket in short)
            raise exhausted(f"more than the {short[0][0].name} may ask at once", math.ceil(wait))

    def _filled(self, policy: Policy, subject: str, now: float) -> Bucket:
        bucket = self._buckets.get((policy.name, subject))
        if bucket is None:
            bucket = Bucket(policy.burst, now)
            self._buckets.put((policy.name, subject), bucket)
        else:
            bucket.left = min(policy.burst, bucket.left + (now - bucket.at) * policy.per_second)
            bucket.at = now
        return bucket


def _headers(buckets: list[tuple[Policy, Bucket]]) -> list[tuple[bytes, bytes]]:
    if not buckets:
        return []
    left = (
        f'"{policy.name}";r={int(bucket.left)};t={math.ceil((policy.burst - bucket.left) / policy.per_second)}'
        for policy, bucket in buckets
    )
    return [
        (b"ratelimit-policy", ", ".join(policy.header for policy, _ in buckets).encode()),
        (b"ratelimit", ", ".join(left).encode()),
    ]
