"""Each service in the test's own process behind the real authenticator, and everybody who may try its doors."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import grpc

from chassis.access.authenticator import Authenticator
from chassis.access.caller import Caller, Reach
from chassis.access.grants import within
from chassis.access.keys import PublicKeys
from chassis.access.principals import Principals
from chassis.access.tokens import Tokens
from chassis.call import Means
from chassis.calls import Calls
from chassis.clock import now
from chassis.database.session import Database
from chassis.errors import Unauthenticated
from chassis.service import Service
from chassis.testing.data_keys import made_up
from chassis.testing.postgres import Postgres
from chassis.testing.serving import SECRET, Client, Served, shown_to
from chassis.transport.pipeline import Pipeline
from chassis.transport.server import Server
from contacts.app import SERVICE as CONTACTS
from identity.app import SERVICE as IDENTITY
from identity.authority import Authority as IdentityAuthority
from identity.settings import PLATFORM, RIGHTS, Secrets
from marketing.app import SERVICE as MARKETING
from sales.app import SERVICE as SALES
from service_desk.app import SERVICE as SERVICE_DESK
from tests.chassis.access.authority import Authority

SERVICES = {service.name: service for service in (IDENTITY, CONTACTS, SALES, SERVICE_DESK, MARKETING)}
ACME, RIVAL, NORTH, CITY = (uuid.uuid4() for _ in range(4))  # two tenants; a team and the one beneath it
KEY = f"kith_narrow_{'n' * 40}"
SPOOFED = ("x-tenant", "x-tenant-id", "x-user", "x-user-id", "x-kith-tenant", "x-kith-user", "tenant", "user", "caller")


def people(service: str) -> dict[str, Caller]:
    """Who is signed in. The key is the rep's own, with scopes for everything but `service`."""

    def somebody(grants: dict[str, Reach], *teams: UUID, tenant: UUID = ACME, below: tuple[UUID, ...] = ()) -> Caller:
        return Caller(tenant, uuid.uuid4(), grants, teams, below)

    everything = {"*": Reach.OWN}
    rep = somebody(everything, CITY)
    narrow = within(everything, [f"{name}.*" for name in SERVICES if name != service])
    return {
        "rep": rep,
        "peer": somebody(everything, CITY),
        "manager": somebody({"*": Reach.TEAM_TREE}, NORTH, below=(CITY,)),
        "admin": somebody({"*": Reach.TENANT}),
        "viewer": somebody({"*.*.read": Reach.TENANT}),
        "scribe": somebody({f"*.*.{verb}": Reach.TEAM for verb in ("read", "create", "update", "log")}, CITY),
        "key": Caller(ACME, rep.user_id, narrow, (CITY,)),
        "stranger": somebody({"*": Reach.TENANT}, tenant=RIVAL),
        "operator": Caller(
            PLATFORM, Caller.system(PLATFORM, "platform").user_id, dict.fromkeys(RIGHTS["platform"], Reach.TENANT)
        ),
    }


class Doorman(Authority):
    """Knows `people` by their tokens, and the key by its digest, as identity would."""

    def __init__(self, people: dict[str, Caller]) -> None:
        super().__init__()
        self.people = people

    async def principal(self, tenant_id: UUID, user_id: UUID, session_id: UUID | None) -> Caller:
        for caller in self.people.values():
            if (caller.tenant_id, caller.user_id) == (tenant_id, user_id):
                return caller
        raise Unauthenticated("nobody known by this id")

    async def key_holder(self, digest: bytes) -> Caller:
        if digest != hashlib.sha256(KEY.encode()).digest():
            raise Unauthenticated("no such key")
        return self.people["key"]

    def metadata(self, persona: str) -> tuple[tuple[str, str], ...]:
        """What each brings with a call."""
        rep = self.people["rep"]
        match persona:
            case "nobody":
                return ()
            case "spoofer":  # says in plain words who they are
                return tuple((name, str(rep.tenant_id if "tenant" in name else rep.user_id)) for name in SPOOFED)
            case "expired":
                ended = int(now().timestamp()) - 3600
                return _bearer(self.token(rep.user_id, tid=str(rep.tenant_id), iat=ended - 300, exp=ended))
            case "unknown":
                return _bearer(f"kith_nobody_{'k' * 40}")
            case "key":
                return _bearer(KEY)
            case _:
                who = self.people[persona]
                return _bearer(self.token(who.user_id, tid=str(who.tenant_id), sid=""))


@dataclass
class House:
    """One service, its people, and the records the tests made in it, by noun."""

    served: Served
    doorman: Doorman
    pipeline: Pipeline
    records: dict[str, Any] = field(default_factory=dict)

    def as_(self, persona: str) -> Client:
        client: Any = Client(self.served.channel, self.served.methods, "")
        client._metadata = self.doorman.metadata(persona)
        return client  # type: ignore[no-any-return]  # a Client, which brings what its persona has

    async def fingerprint(self) -> list[tuple[str, ...]]:
        """What all tables hold, outbox and claims included, as far as any difference would show: but not what the audit
        trail is told of the attempt itself."""
        tables = await self.served.admin.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
        sums = " union all ".join(
            f"select '{name}', count(*)::text, coalesce(sum(hashtextextended(t::text, 0))::text, '') from \"{name}\" t"
            + (f" where aggregatetype <> '{self.served.service.name}.audit'" if name == "outbox" else "")
            for (name,) in tables
        )
        return [tuple(row) for row in await self.served.admin.fetch(sums)]


@asynccontextmanager
async def opened(service: Service, postgres: Postgres) -> AsyncIterator[House]:
    """`service` on a port of its own until the block ends."""
    known = people(service.name)
    doorman = Doorman(known)
    authenticate = Authenticator(Tokens(PublicKeys(doorman.keys)), Principals(), doorman)
    async with postgres.database(service) as urls:
        database, admin = await Database.open(urls.app), await asyncpg.connect(urls.admin)
        means, beside = Means(SECRET, data_keys=made_up(), shown_to=shown_to(known)), []
        if service is IDENTITY:
            authority = IdentityAuthority(database, Secrets("s" * 40, {name: f"kith_{name}" for name in RIGHTS}))
            means, beside = authority.means(means), [asyncio.create_task(authority.watch())]
        calls = Calls(service.name, database, means)
        pipeline = Pipeline(calls, authenticate)
        server = Server(service, pipeline, "127.0.0.1:0")
        await server.start()
        try:
            address = f"127.0.0.1:{server.port}"
            async with grpc.aio.insecure_channel(address) as channel:
                methods = {method.descriptor.name: method for method in service.methods}
                yield House(Served(service, known, urls, calls, admin, channel, methods, address), doorman, pipeline)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await server.stop(None)
            await admin.close()
            await database.close()


def _bearer(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)
