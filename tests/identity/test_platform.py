"""What the suite's own programs do at identity, and what nobody else can: keys, exchange, principals, neighbours."""

import asyncio
import hashlib
import socket
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.message import Message

from chassis.access.caller import Caller
from chassis.access.neighbour import METHODS
from chassis.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
)
from chassis.telemetry import start_span
from chassis.testing.serving import refusal
from chassis.transport import client
from chassis.transport.client import Neighbours
from identity.app import SERVICE
from identity.settings import PLATFORM
from kith.identity.v1 import authentication_pb2 as auth
from kith.identity.v1.api_key_pb2 import ApiKey, CreateApiKeyRequest, CreateApiKeyResponse
from kith.identity.v1.team_pb2 import CreateTeamRequest, Team
from kith.identity.v1.tenant_pb2 import GetTenantRequest, Tenant
from kith.identity.v1.user_pb2 import DeactivateUserRequest, ListUsersRequest, ListUsersResponse, User
from tests.identity.suite import KEYS, World, neighbour, replica, until

RPCS = {method.descriptor.name: method.descriptor for method in SERVICE.methods}


async def test_no_tenants_role_reaches_what_is_the_platforms(world: World) -> None:
    """S01: an admin holds `*`, which stands for nothing of it."""
    me = (await world.boss.WhoAmI()).principal
    ids = {"tenant_id": me.tenant_id, "user_id": me.user_id}
    key = (await world.boss.CreateApiKey(api_key={"display_name": "k"})).secret
    for client_ in (world.boss, world.replica.as_(key)):
        for call in (
            client_.GetPrincipal(**ids),
            client_.GetKeyHolder(digest=hashlib.sha256(key.encode()).digest()),
            client_.ExchangeToken(**ids),
        ):
            assert (await refusal(call)).code == "PERMISSION_DENIED"
    gateway = world.replica.as_(KEYS["gateway"])
    assert (await gateway.GetPrincipal(**ids)).user_id == me.user_id
    assert (await refusal(gateway.ExchangeToken(**ids))).code == "PERMISSION_DENIED"


async def test_the_stream_is_for_the_suites_programs(world: World) -> None:
    token = (await world.sign_in()).access_token
    path = "/kith.identity.v1.Authentication/WatchPrincipals"
    watch: Any = world.replica.channel.unary_stream(
        path, request_serializer=auth.WatchPrincipalsRequest.SerializeToString
    )
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        async for _ in watch(auth.WatchPrincipalsRequest(), metadata=(("authorization", f"Bearer {token}"),)):
            pass
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_an_unknown_key_is_nobody(world: World) -> None:
    for secret in (f"kith_sales_{'x' * 40}", f"kith_abcdefgh_{'y' * 43}"):
        assert (await refusal(world.replica.as_(secret).WhoAmI())).code == "UNAUTHENTICATED"


async def test_a_service_works_on_a_users_behalf_or_on_its_own(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    tenant = UUID(world.tenant.id)
    async with neighbour(world.replica) as (there, neighbours):
        for who, grants in ((UUID(ann.id), "sales.lead.*"), (None, "*")):
            said = await neighbours.call(
                RPCS["WhoAmI"], auth.WhoAmIRequest(), auth.WhoAmIResponse, as_=(tenant, who), deadline_seconds=25
            )
            assert grants in {grant.permission for grant in said.principal.grants}
            assert said.principal.user_id == str(who or Caller.system(tenant, "sales").user_id)
        assert len(neighbours._tokens._kept._kept) == 2
        service = await there.principal(tenant, Caller.system(tenant, "sales").user_id, None)
        assert (service.base_currency, service.reach("contacts.account.create").name) == ("EUR", "TENANT")
        await world.boss.SuspendUser(id=ann.id)
        with pytest.raises(Unauthenticated):
            await neighbours._tokens._exchange(auth.ExchangeTokenRequest(tenant_id=str(tenant), user_id=ann.id))
        with pytest.raises(Unauthenticated):
            await neighbours._tokens.get((uuid4(), None))
        with pytest.raises(Unauthenticated):
            await neighbours._tokens.get((PLATFORM, None))


async def test_a_token_is_asked_for_once_and_again_before_it_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = UUID(world.tenant.id)
    async with neighbour(world.replica) as (_, neighbours):
        first = await neighbours._tokens.get((tenant, None))
        assert await neighbours._tokens.get((tenant, None)) == first
        monkeypatch.setattr("chassis.transport.behalf.RENEWED_SECONDS", 301.0)
        neighbours._tokens.forget((tenant, None))
        second = await neighbours._tokens.get((tenant, None))
        assert await neighbours._tokens.get((tenant, None)) != second


async def test_a_neighbours_refusal_is_ours_with_reason_fields_and_facts(world: World) -> None:
    tenant = UUID(world.tenant.id)
    admin = (await world.boss.WhoAmI()).principal.user_id
    ann = await world.user("ann", "Sales rep")

    async with neighbour(world.replica) as (_, neighbours):

        async def call(method: str, request: Message, reply: type[Message], user: UUID | None = None) -> Message:
            return await neighbours.call(RPCS[method], request, reply, as_=(tenant, user), deadline_seconds=25)

        with pytest.raises(NotFound) as absent:
            await call("GetTenant", GetTenantRequest(id=str(uuid4())), Tenant)
        assert absent.value.facts["noun"] == "identity.tenant"
        with pytest.raises(InvalidArgument) as invalid:
            await call("CreateApiKey", CreateApiKeyRequest(api_key=ApiKey()), CreateApiKeyResponse)
        assert [*invalid.value.fields] == ["api_key.display_name"]
        with pytest.raises(PermissionDenied) as denied:
            await call(
                "CreateApiKey",
                CreateApiKeyRequest(api_key=ApiKey(display_name="k")),
                CreateApiKeyResponse,
                UUID(ann.id),
            )
        assert denied.value.facts["permission"] == "identity.api_key.create"
        with pytest.raises(FailedPrecondition) as last:
            await call("DeactivateUser", DeactivateUserRequest(id=admin, successor_id=ann.id), User)
        assert (last.value.reason, type(last.value).__name__) == ("LAST_ADMIN", "LastAdmin")


async def test_the_trace_goes_along_into_the_neighbours_events(world: World) -> None:
    trace, tenant = "4bf92f3577b34da6a3ce929d0e0e4736", UUID(world.tenant.id)
    async with neighbour(world.replica) as (_, neighbours):
        with start_span("a call", f"00-{trace}-00f067aa0ba902b7-00"):
            request = CreateTeamRequest(team=Team(display_name="North"))
            await neighbours.call(RPCS["CreateTeam"], request, Team, as_=(tenant, None), deadline_seconds=25)
    headers = await world.admin.fetchval("select headers::text from outbox where aggregatetype = 'identity.team'")
    assert trace in headers


async def test_what_may_be_said_twice_is_and_what_may_not_is_not(world: World) -> None:
    tenant = UUID(world.tenant.id)
    port = world.replica.port
    neighbours = Neighbours({"identity": f"127.0.0.1:{port}"}, KEYS["sales"])
    await neighbours._tokens.get((tenant, None))
    await world.replica.server.stop(None)

    async def failing(method: str, request: Message, reply: type[Message], seconds: float = 1.0) -> float:
        clock = asyncio.get_running_loop().time
        begun = clock()
        with pytest.raises((Unavailable, DeadlineExceeded)):
            await neighbours.call(RPCS[method], request, reply, as_=(tenant, None), deadline_seconds=seconds)
        return clock() - begun

    budget = neighbours._budgets["identity"]
    before = budget._left
    await failing("CreateApiKey", CreateApiKeyRequest(), CreateApiKeyResponse)
    assert budget._left == before  # not repeated
    await failing("ListUsers", ListUsersRequest(), ListUsersResponse)
    assert budget._left < before
    spent = budget._left
    await failing("CreateApiKey", CreateApiKeyRequest(request_id="once"), CreateApiKeyResponse)
    assert budget._left < spent
    budget._left = 0.0
    assert await failing("ListUsers", ListUsersRequest(), ListUsersResponse, 5.0) < 1.0  # an empty budget asks no more
    await neighbours.close()


async def test_a_read_gets_through_a_neighbours_restart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ATTEMPTS", 50)
    tenant = UUID(world.tenant.id)
    async with neighbour(world.replica) as (_, neighbours):
        await neighbours._tokens.get((tenant, None))
        before = neighbours._channels["identity"]
        async with replica(world.urls) as second:
            neighbours._channels["identity"] = grpc.aio.insecure_channel("127.0.0.1:1", client.OPTIONS)
            asking = asyncio.create_task(
                neighbours.call(
                    RPCS["ListUsers"], ListUsersRequest(), ListUsersResponse, as_=(tenant, None), deadline_seconds=25
                )
            )
            await until(lambda: neighbours._budgets["identity"]._left < client.Budget.FULL)
            dead = neighbours._channels["identity"]
            neighbours._channels["identity"] = grpc.aio.insecure_channel(f"127.0.0.1:{second.port}", client.OPTIONS)
            assert len((await asking).users) == 1
            await dead.close()
            await neighbours._channels["identity"].close()
        neighbours._channels["identity"] = before


async def test_a_call_has_a_deadline_whatever_the_neighbour_does(world: World) -> None:
    silent = socket.create_server(("127.0.0.1", 0))  # takes connections, and says nothing
    port = silent.getsockname()[1]
    neighbours = Neighbours({"identity": f"127.0.0.1:{port}"}, KEYS["sales"])
    with pytest.raises((DeadlineExceeded, Unavailable)):
        await neighbours.call(
            METHODS["GetJwks"], auth.GetJwksRequest(), auth.GetJwksResponse, as_=None, deadline_seconds=0.3
        )
    await neighbours.close()
    silent.close()


async def test_s24_keys_rotate_without_a_failed_call(world: World) -> None:
    async with replica(world.urls) as second, neighbour(second) as (there, _):
        old = (await world.sign_in()).access_token
        assert await there.authenticate([("authorization", f"Bearer {old}")])
        before = {key.kid for key in (await world.nobody.GetJwks()).keys}
        await world.replica.authority.keys.rotate()
        after = {key.kid for key in (await world.nobody.GetJwks()).keys}
        assert (len(before), len(after), len(before & after)) == (2, 3, 2)  # the next one was public all along
        new = (await world.sign_in()).access_token
        for token in (old, new):
            assert await there.authenticate([("authorization", f"Bearer {token}")])
        await world.admin.execute("update signing_key set end_time = now() where end_time is not null")
        await world.replica.authority.keys._change(world.replica.authority.keys._founded)
        assert len((await world.nobody.GetJwks()).keys) == 2


async def test_replicas_that_start_together_agree_on_the_first_keys(world: World) -> None:
    """Both have found none before either may make any."""
    await world.admin.execute("delete from signing_key")
    async with world.admin.transaction():
        await world.admin.execute("select pg_advisory_xact_lock(hashtext('signing_key'))")
        start = AsyncExitStack()
        replicas = [await start.enter_async_context(replica(world.urls)) for _ in range(2)]
        await until(lambda: both_wait(world))
    async with start:
        kids = [{key.kid for key in (await each.as_("").GetJwks()).keys} for each in replicas]
        assert kids[0] == kids[1]
        assert len(kids[0]) == 2


async def both_wait(world: World) -> bool:
    return bool(await world.admin.fetchval("select count(*) = 2 from pg_locks where not granted"))


async def test_signing_keys_are_of_no_use_without_the_secret(world: World) -> None:
    async with replica(world.urls, secret="another" * 6) as stranger:
        await until(stranger.task.done)
        assert stranger.task.exception() is not None
