"""An identity in memory: it holds a signing key, knows principals, and can be away, slow, or say what changed."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from uuid import UUID, uuid5

from joserfc.jwk import ECKey

from chassis.access.authenticator import Authenticator
from chassis.access.caller import Caller, Reach
from chassis.access.keys import PublicKeys
from chassis.access.principals import Principals
from chassis.access.tokens import AUDIENCE, ISSUER, Tokens, sign
from chassis.access.watch import Change
from chassis.clock import now
from chassis.errors import Unavailable

NAMES = UUID("0192a000-0000-7000-8000-000000000000")
TENANT, ANN, BOB = (uuid5(NAMES, name) for name in ("acme", "ann", "bob"))
SESSION = uuid5(NAMES, "session")


class Authority:
    def __init__(self) -> None:
        self.key, self.kid = ECKey.generate_key("P-256"), "first"
        self.asked = self.fetched = 0
        self.version = 1
        self.away = False
        self.ready = asyncio.Event()
        self.ready.set()
        self.changes: asyncio.Queue[Change | str] = asyncio.Queue()

    def parts(self) -> tuple[Authenticator, Principals]:
        principals = Principals()
        return Authenticator(Tokens(PublicKeys(self.keys)), principals, self), principals

    async def keys(self) -> Mapping[str, Any]:
        self.fetched += 1
        self._answer()
        return {"keys": [{**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "ES256"}]}

    async def principal(self, tenant_id: UUID, user_id: UUID, session_id: UUID | None) -> Caller:
        self.asked += 1
        self._answer()
        found = Caller(tenant_id, user_id, {"*": Reach.TENANT}, version=self.version, session_id=session_id)
        await self.ready.wait()
        return found

    async def key_holder(self, digest: bytes) -> Caller:
        return await self.principal(TENANT, ANN, None)

    async def stream(self) -> AsyncGenerator[Change, None]:
        """What the test puts in; "break" ends the stream as an outage does."""
        self._answer()
        yield None
        while (said := await self.changes.get()) != "break":
            assert not isinstance(said, str)
            yield said
        raise Unavailable("the stream broke")

    def token(self, user: UUID = ANN, version: int = 1, **claims: object) -> str:
        return sign(self.key, self.kid, self.claims(user, version) | claims)

    def claims(self, user: UUID = ANN, version: int = 1) -> dict[str, Any]:
        second = int(now().timestamp())
        who = {"sub": str(user), "tid": str(TENANT), "sid": str(SESSION), "pv": version}
        return {"iss": ISSUER, "aud": AUDIENCE, "exp": second + 300, "iat": second, "jti": "one", **who}

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("identity is away")


def bearer(token: str) -> list[tuple[str, str | bytes]]:
    return [("authorization", f"Bearer {token}")]
