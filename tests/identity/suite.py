"""Identity in the test's own process, on a real socket over a real database, as its callers and neighbours see it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import asyncpg
import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from chassis.access.neighbour import Authentication
from chassis.call import Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.testing.postgres import Postgres, Urls
from chassis.testing.serving import SECRET, Client
from chassis.transport.client import Neighbours
from chassis.transport.pipeline import Pipeline
from chassis.transport.server import Server
from identity.app import SERVICE
from identity.authority import Authority
from identity.openid.outbound import Outbound
from identity.settings import RIGHTS, Secrets

KEYS = {name: f"kith_{name.replace('_', '')}_{name.replace('_', 'x').ljust(30, 'k')}" for name in RIGHTS}
PASSWORD, OTHER_PASSWORD = "correct horse battery", "staple battery horse"
METHODS = {method.descriptor.name: method for method in SERVICE.methods}
ADMIN_EMAIL = "admin@acme.example"
INNER = [ip_network("127.0.0.0/8")]  # where the tests' own identity providers live


async def until(true: Callable[[], Any], seconds: float = 60.0) -> None:
    """Fails when it is not so within `seconds`; `true` may be a coroutine function."""
    async with asyncio.timeout(seconds):
        while True:
            found = true()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.01)


async def is_refused(call: Awaitable[Any]) -> bool:
    """As unauthenticated; every other refusal is a fault of the test."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.UNAUTHENTICATED:
            return True
        raise
    return False


async def refused(call: Awaitable[Any]) -> str:
    """The public reason; "" where it was not refused."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        told: Any = dict(error.trailing_metadata() or ())["grpc-status-details-bin"]
        for detail in Status.FromString(told).details:
            info = ErrorInfo()
            if detail.Unpack(info):
                return str(info.reason)
        raise
    return ""


@dataclass
class Replica:
    """One process of identity."""

    authority: Authority
    calls: Calls
    port: int
    channel: grpc.aio.Channel
    server: Server
    task: "asyncio.Task[None]"

    def as_(self, token: str) -> Client:
        """ "" is a caller without a token."""
        return Client(self.channel, METHODS, token)


@dataclass
class World:
    """A tenant `acme` with its admin signed in; more of both can be made."""

    urls: Urls
    replica: Replica
    admin: "asyncpg.Connection[asyncpg.Record]"  # past every wall
    tenant: Any = None
    boss: Client = field(default=None)  # type: ignore[assignment]  # once there is a tenant
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def nobody(self) -> Client:
        return self.replica.as_("")

    @property
    def platform(self) -> Client:
        return self.replica.as_(KEYS["platform"])

    async def provision(self, slug: str, email: str = ADMIN_EMAIL, password: str = PASSWORD, **more: str) -> Any:
        tenant = {"display_name": slug.title(), "slug": slug, "base_currency": "EUR"}
        return await self.platform.ProvisionTenant(
            tenant=tenant,
            provision_id=more.get("provision_id", "first"),
            admin_email=email,
            admin_display_name="Ada",
            admin_password=password,
        )

    async def sign_in(self, email: str = ADMIN_EMAIL, password: str = PASSWORD, **more: str) -> Any:
        return await self.nobody.SignIn(email=email, password=password, **more)

    async def user(self, name: str, *roles: str, **fields: Any) -> Any:
        """A user with these default roles, and PASSWORD to sign in with as `<name>@acme.example`."""
        given = {"email": f"{name}@acme.example", "display_name": name, "role_ids": [self.roles[one] for one in roles]}
        user = await self.boss.CreateUser(user=given | fields)
        await self.boss.SetPassword(id=user.id, password=PASSWORD)
        return user

    async def signed_in(self, name: str) -> Client:
        return self.replica.as_((await self.sign_in(f"{name}@acme.example")).access_token)

    def caller_of(self, user: Any) -> Any:
        return self.replica.as_(KEYS["sales"]).GetPrincipal(tenant_id=self.tenant.id, user_id=user.id)


@asynccontextmanager
async def replica(urls: Urls, secret: str = "s" * 40) -> AsyncIterator[Replica]:
    database = await Database.open(urls.app)
    authority = Authority(database, Secrets(secret, KEYS), outbound=Outbound(INNER))
    calls = Calls("identity", database, authority.means(Means(SECRET)))
    pipeline = Pipeline(calls, authority.authenticate)
    server = Server(SERVICE, pipeline, "127.0.0.1:0")
    await server.start()
    task = asyncio.create_task(authority.watch())
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            yield Replica(authority, calls, server.port, channel, server, task)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.stop(None)
        await database.close()


@asynccontextmanager
async def world(postgres: Postgres) -> AsyncIterator[World]:
    async with postgres.database(SERVICE) as urls, replica(urls) as one:
        made = World(urls, one, await asyncpg.connect(urls.admin))
        try:
            made.tenant = await made.provision("acme")
            made.boss = one.as_((await made.sign_in()).access_token)
            made.roles = {role.display_name: role.id for role in (await made.boss.ListRoles()).roles}
            yield made
        finally:
            await made.admin.close()


@asynccontextmanager
async def neighbour(one: Replica, name: str = "sales") -> AsyncIterator[tuple[Authentication, Neighbours]]:
    """What another service has of identity: its way to authenticate callers, and to call."""
    neighbours = Neighbours({"identity": f"127.0.0.1:{one.port}"}, KEYS[name])
    authentication = Authentication(neighbours)
    task = asyncio.create_task(authentication.watch())
    try:
        yield authentication, neighbours
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await neighbours.close()
