"""One key is one effect, however many ask at once, and whoever else uses the same word for theirs (R25)."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import grpc
import httpx

from cli.generated import secrets_of
from cli.home import Home
from kith.identity.v1.tenant_pb2 import ProvisionTenantRequest, Tenant
from tests.e2e.suite import Suite, ok
from tests.faults.verdict import every

TWINS = 100
PASSWORD = "correct horse battery"


async def test_a_hundred_twins_at_once_are_one_and_another_tenants_are_their_own(
    faulty: Suite, say: Callable[[str], None]
) -> None:
    key, name = f"same {uuid.uuid4()}", f"twin {uuid.uuid4()}"
    body = {"displayName": name, "company": "Twins"}
    neighbour = tenant_next_door(faulty)
    async with at_once(faulty, faulty.demo["api_key"]) as ours, at_once(faulty, neighbour) as theirs:
        answers = await asyncio.gather(
            *(post(ours, key, body) for _ in range(TWINS)), *(post(theirs, key, body) for _ in range(2))
        )
        made = {answer.json()["id"] for answer in answers[:TWINS]}
        elsewhere = {answer.json()["id"] for answer in answers[TWINS:]}
        assert (len(made), len(elsewhere)) == (1, 1)
        assert made.isdisjoint(elsewhere)
        other = await ours.post("/v1/leads", json=body | {"company": "Others"}, headers={"idempotency-key": key})
        assert (other.status_code, other.json()["reason"]) == (422, "REQUEST_ID_REUSED")
    for token, ids in ((faulty.demo["api_key"], made), (neighbour, elsewhere)):
        with faulty.client(token) as client:
            there = every(client, "leads", f'display_name = "{name}"')
            assert {one["id"] for one in there} == ids
            (lead,) = there
            history = ok(client.get(f"/v1/leads/{lead['id']}/revisions"))["revisions"]
            assert [one["verb"] for one in history] == ["created"]
    say(f"R25 {TWINS} twins made 1 record, another tenant's 2 another; another body was 422")


async def post(client: httpx.AsyncClient, key: str, body: dict[str, Any]) -> httpx.Response:
    answer = await client.post("/v1/leads", json=body, headers={"idempotency-key": key})
    assert answer.status_code == 200, answer.text
    return answer


def at_once(suite: Suite, token: str) -> httpx.AsyncClient:
    """As many connections as calls: nobody waits in line."""
    limits = httpx.Limits(max_connections=TWINS)
    headers = {"authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=suite.demo["url"], headers=headers, limits=limits, timeout=60, trust_env=False)


def tenant_next_door(suite: Suite) -> str:
    """Another tenant, and an access token of its admin."""
    slug = f"next-{uuid.uuid4().hex[:8]}"
    request = ProvisionTenantRequest(
        tenant=Tenant(slug=slug, display_name="Next door", base_currency="EUR"),
        provision_id="once",
        admin_email=f"admin@{slug}.example",
        admin_display_name="Ada",
        admin_password=PASSWORD,
    )
    key = secrets_of(Home(suite.home))["platform_key"]
    with grpc.insecure_channel(suite.demo["grpc"]["identity"]) as channel:
        provision = channel.unary_unary(
            "/kith.identity.v1.Tenants/ProvisionTenant", ProvisionTenantRequest.SerializeToString, Tenant.FromString
        )
        provision(request, timeout=30, metadata=(("authorization", f"Bearer {key}"),))
    with httpx.Client(base_url=suite.demo["url"], trust_env=False, timeout=30) as client:
        credentials = {"email": request.admin_email, "password": PASSWORD, "tenant": slug}
        signed_in = ok(client.post("/v1/session", params={"mode": "token"}, json=credentials))
    token: str = signed_in["accessToken"]
    return token
