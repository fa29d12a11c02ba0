"""One service in the test's own process, on a real socket over a real database, as its callers see it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import asyncpg
import grpc
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo

from chassis.access.caller import Caller, RoleChange
from chassis.call import Call, Means, ShownTo
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.errors import Unauthenticated, Unavailable
from chassis.events.cloud_event import Event
from chassis.events.subscription import ANY, every_verb
from chassis.service import Method, Service
from chassis.testing.data_keys import made_up
from chassis.testing.postgres import Postgres, Urls
from chassis.transport.pipeline import Metadata, Pipeline
from chassis.transport.server import Server
from chassis.transport.status import reasons_in

SECRET = b"page tokens of a test"
SECONDS = 10


@dataclass(frozen=True)
class Refused:
    """What a refused call was told."""

    code: str
    reason: str
    fields: dict[str, str] = field(default_factory=dict)
    message: str = field(default="", compare=False)
    facts: dict[str, str] = field(default_factory=dict, compare=False)


class Client:
    """The service as one user sees it: `await rep.GetGadget(id=…)`, or with the request itself."""

    def __init__(self, channel: grpc.aio.Channel, methods: Mapping[str, Method], token: str) -> None:
        self._channel, self._methods = channel, methods
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def __getattr__(self, rpc: str) -> Callable[..., Awaitable[Any]]:
        method = self._methods[rpc]
        reply = GetMessageClass(method.descriptor.output_type)
        path = f"/{method.descriptor.containing_service.full_name}/{method.descriptor.name}"
        bound = self._channel.unary_unary(path, method.request.SerializeToString, reply.FromString)

        def call(request: Message | None = None, **fields: Any) -> Awaitable[Any]:
            asked = method.request(**fields) if request is None else request
            return bound(asked, timeout=SECONDS, metadata=self._metadata)

        return call


@dataclass
class Served:
    """`people` are who may call, by the token they bring; a test adds to them, or changes one's rights, at will.

    `role_changes` is what identity answers of a changed role; it is away while there is none.
    """

    service: Service
    people: dict[str, Caller]
    urls: Urls
    calls: Calls
    admin: "asyncpg.Connection[asyncpg.Record]"
    channel: grpc.aio.Channel
    methods: dict[str, Method]
    address: str = ""  # for clients in other threads and processes
    role_changes: list[RoleChange] = field(default_factory=list)

    def as_(self, name: str) -> Client:
        """ "" is a caller without a token."""
        return Client(self.channel, self.methods, name)

    def raw(self, name: str, rpc: str) -> Callable[[bytes], Awaitable[bytes]]:
        """A method that takes any bytes at all."""
        path = f"/{self.methods[rpc].descriptor.containing_service.full_name}/{rpc}"
        bound: Any = self.channel.unary_unary(path)
        return lambda raw: bound(raw, timeout=SECONDS, metadata=(("authorization", f"Bearer {name}"),))

    def call(self, name: str, permission: str = "") -> AbstractAsyncContextManager[Call]:
        """A call of one's own, committed when the block ends well."""
        return self.calls.open(self.people[name], permission)

    async def hear(self, event: Event) -> None:
        """Let the service take in an event, as from the bus: applied at once, or raising why not."""
        types = event.type, every_verb(event.type), ANY
        wanted = [one for one in self.service.subscriptions if one.event_type in types]
        assert wanted, f"nobody listens to {event.type}"
        async with self.calls.open(Caller.system(event.tenant_id, self.service.name)) as call:
            for subscription in wanted:
                await subscription.apply(call, [event])

    async def events(self, noun: str) -> list[tuple[str, bytes]]:
        """Type and payload of what waits in the outbox, oldest first."""
        rows = await self.admin.fetch(
            "select type, payload from outbox where aggregatetype = $1 order by position", noun
        )
        return [(row["type"], row["payload"]) for row in rows]


@asynccontextmanager
async def serving(
    service: Service, postgres: Postgres, people: dict[str, Caller], neighbours: Any = None
) -> AsyncIterator[Served]:
    """Serve on a port of its own until the block ends."""

    async def authenticate(metadata: Metadata) -> Caller:
        token = next((str(value) for name, value in metadata if name == "authorization"), "").removeprefix("Bearer ")
        if token not in people:
            raise Unauthenticated("nobody known by this token")
        return people[token]

    async with postgres.database(service) as urls:
        database, admin = await Database.open(urls.app), await asyncpg.connect(urls.admin)
        role_changes: list[RoleChange] = []
        known, changed = known_by(people), changed_by(role_changes)
        means = Means(SECRET, neighbours, known, changed, data_keys=made_up(), shown_to=shown_to(people))
        calls = Calls(service.name, database, means)
        server = Server(service, Pipeline(calls, authenticate), "127.0.0.1:0")
        await server.start()
        try:
            address = f"127.0.0.1:{server.port}"
            async with grpc.aio.insecure_channel(address) as channel:
                methods = {method.descriptor.name: method for method in service.methods}
                yield Served(service, people, urls, calls, admin, channel, methods, address, role_changes)
        finally:
            await server.stop(None)
            await admin.close()
            await database.close()


def known_by(people: dict[str, Caller]) -> Callable[[UUID, UUID], Awaitable[Caller]]:
    """Identity, as far as it knows `people`."""

    async def known(tenant_id: UUID, user_id: UUID) -> Caller:
        for caller in people.values():
            if (caller.tenant_id, caller.user_id) == (tenant_id, user_id):
                return caller
        raise Unauthenticated("nobody known by this id")

    return known


def changed_by(role_changes: list[RoleChange]) -> Callable[[UUID, Message], Awaitable[RoleChange]]:
    """Identity, as far as it knows what a changed role would mean."""

    async def changed(tenant_id: UUID, change: Message) -> RoleChange:
        if not role_changes:
            raise Unavailable("identity is away")
        return role_changes[-1]

    return changed


def shown_to(people: dict[str, Caller]) -> ShownTo:
    """Identity, as far as sharing needs it: it knows `people` and their teams, and notes what is shared with whom."""

    async def note(tenant_id: UUID, noun: str, grantee: UUID, is_team: bool) -> bool:  # as ShownTo has it
        there = False
        for name, caller in people.items():
            if caller.tenant_id == tenant_id and grantee in (caller.team_ids if is_team else (caller.user_id,)):
                people[name] = replace(caller, shared=caller.shared | {noun})
                there = True
        return there

    return note


async def refusal(call: Awaitable[Any]) -> Refused:
    """What `call` was refused with. Raises AssertionError when it was not."""
    try:
        reply = await call
    except grpc.aio.AioRpcError as error:
        info, bad = ErrorInfo(), BadRequest()
        for detail in reasons_in(error.trailing_metadata()).details:
            detail.Unpack(info)
            detail.Unpack(bad)
        fields = {violation.field: violation.description for violation in bad.field_violations}
        return Refused(error.code().name, info.reason, fields, error.details() or "", dict(info.metadata))
    raise AssertionError(f"was not refused: {reply}")
