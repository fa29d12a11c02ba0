"""A person's browser before the gateway: it keeps cookies and goes where it is sent, and identity is behind."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from gateway.app import build
from gateway.config import Settings
from gateway.contract import Contract
from identity.settings import AT_HOME
from tests.identity.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.identity.suite import ADMIN_EMAIL, PASSWORD, World

CONTRACT = Contract.read(Path(__file__).parents[2] / "protos" / "gen" / "contract.binpb")
FROM_US = {"origin": AT_HOME}


@dataclass
class Browser:
    http: httpx.AsyncClient

    async def goes(self, provider_id: str, after: str = "") -> str:
        """To the sign-in by that provider; where it is sent."""
        reply = await self.http.get(f"/v1/session/sso/{provider_id}", params={"return": after} if after else {})
        assert reply.status_code == 303, reply.text
        return str(reply.headers["location"])

    async def comes_back(self, url: str) -> httpx.Response:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == AT_HOME, "only ever to where configuration says"
        return await self.http.get(f"{parts.path}?{parts.query}")

    async def signs_in(self, provider_id: str, provider: Provider, after: str = "") -> httpx.Response:
        return await self.comes_back(provider.authorize(await self.goes(provider_id, after)))

    async def refusal(self, provider_id: str, provider: Provider) -> str:
        """The reason; "" where it is let in."""
        reply = await self.signs_in(provider_id, provider)
        return reason_of(reply)

    async def who(self) -> str:
        """The e-mail of who is signed in; "" for nobody."""
        reply = await self.http.get("/v1/session")
        return reply.json()["email"] if reply.status_code == 200 else ""

    async def with_password(self, email: str = ADMIN_EMAIL) -> dict[str, str]:
        """What a change by its cookie needs from then on."""
        reply = await self.http.post("/v1/session", json={"email": email, "password": PASSWORD}, headers=FROM_US)
        assert reply.status_code == 200, reply.text
        return FROM_US | {"x-kith-csrf": reply.json()["csrfToken"]}


def reason_of(reply: httpx.Response) -> str:
    if reply.status_code == 303:
        return ""
    reason: str = reply.json()["reason"]
    return reason


@dataclass
class Suite:
    """The gateway over the world's identity."""

    app: Any

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=AT_HOME) as http:
            yield Browser(http)


@asynccontextmanager
async def before(world: World) -> AsyncIterator[Suite]:
    places = dict.fromkeys(CONTRACT.services(), f"127.0.0.1:{world.replica.port}")  # identity is all there is here
    limits = ("tenant", "user", "key", "address", "session")
    told: dict[str, Any] = {"gateway_secret": "g" * 40, **{f"limit_{one}_per_second": 0 for one in limits}}
    gateway = build(Settings(**told), CONTRACT, places)
    try:
        yield Suite(gateway.app)
    finally:
        await gateway.close()


async def enabled(world: World, provider: Provider, **fields: Any) -> str:
    """The id of an identity provider that people of the world's tenant sign in by."""
    given = {"display_name": "Acme's own", "issuer": provider.issuer, "client_id": CLIENT_ID} | fields
    made = await world.boss.CreateIdentityProvider(identity_provider=given)
    await world.boss.SetClientSecret(id=made.id, client_secret=CLIENT_SECRET)
    await world.boss.TestIdentityProvider(id=made.id)
    return str((await world.boss.EnableIdentityProvider(id=made.id)).id)
