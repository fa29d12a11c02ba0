"""Whoever calls a service directly finds it by reflection, and is told what the gateway would tell them (3, 11)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.e2e.reflected import Refused, Stranger
from tests.e2e.suite import ROOT, Suite, ok

NOBODY = "01890000-0000-7000-8000-000000000000"
STATUS = {  # as contract.md has them
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 412,  # of a stale etag
}
LEADS = "kith.sales.v1.Leads"
LEAD = {"displayName": "司马懿", "company": "重庆卓越物流有限公司", "phones": [{"number": "13800138000"}]}


def declared() -> dict[str, set[str]]:
    """Service -> the full names of its gRPC services, by the contract that the stubs were built from."""
    files = FileDescriptorSet.FromString(Path(ROOT / "protos/gen/contract.binpb").read_bytes()).file
    found: dict[str, set[str]] = {}
    for file in files:
        if file.package.startswith("kith.") and file.service:
            found.setdefault(file.package.split(".")[1], set()).update(
                f"{file.package}.{service.name}" for service in file.service
            )
    return found


@pytest.fixture(scope="module")
def sales(suite: Suite) -> Iterator[Stranger]:
    with grpc.insecure_channel(suite.demo["grpc"]["sales"]) as channel:
        yield Stranger(channel, suite.demo["api_key"])


@pytest.fixture(scope="module")
def admin(suite: Suite) -> Iterator[httpx.Client]:
    with suite.client() as client:
        yield client


def test_every_service_lists_what_it_serves(suite: Suite) -> None:
    contract = declared()
    assert set(contract) == set(suite.demo["grpc"])
    for name, address in suite.demo["grpc"].items():
        with grpc.insecure_channel(address) as channel:
            stranger = Stranger(channel, "")
            told = stranger.services()
            assert {one for one in told if one.startswith("kith.")} == contract[name]
            reflection = {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}
            assert told - contract[name] == {"grpc.health.v1.Health", *reflection}
            health = stranger.call("grpc.health.v1.Health/Check", {"service": name})
            assert health == {"status": "SERVING"}


def test_methods_can_be_described(sales: Stranger) -> None:
    assert {"GetLead", "ListLeads", "ConvertLead", "ListLeadRevisions"} <= sales.methods(LEADS)


def test_the_same_record_is_made_read_and_listed_through_both_doors(sales: Stranger, admin: httpx.Client) -> None:
    made = sales.call(f"{LEADS}/CreateLead", {"lead": LEAD, "requestId": "through the service"})
    assert isinstance(made, dict), made
    assert made["phones"][0]["number"] == "+8613800138000"
    at = f"/v1/leads/{made['id']}"
    assert sales.same(f"{LEADS}/GetLead", ok(admin.get(at))) == made
    assert sales.call(f"{LEADS}/GetLead", {"id": made["id"]}) == made

    worked = sales.same(f"{LEADS}/WorkLead", ok(admin.post(f"{at}:work")))
    assert (worked["state"], worked["etag"]) == ("WORKING", '"2"')
    assert sales.call(f"{LEADS}/GetLead", {"id": made["id"]}) == worked

    question: dict[str, str | bool] = {
        "filter": f'id = "{made["id"]}" AND company : "物流"',
        "orderBy": "create_time",
        "withTotal": True,
    }
    listed = sales.call(f"{LEADS}/ListLeads", question)
    assert isinstance(listed, dict)
    assert (listed["totalSize"], listed["leads"]) == (1, [worked])
    assert sales.same(f"{LEADS}/ListLeads", ok(admin.get("/v1/leads", params=question))) == listed
    revisions = sales.call(f"{LEADS}/ListLeadRevisions", {"id": made["id"]})
    assert isinstance(revisions, dict)
    assert [one["verb"] for one in revisions["revisions"]] == ["working_started", "created"]
    assert sales.same(f"{LEADS}/ListLeadRevisions", ok(admin.get(f"{at}/revisions"))) == revisions


Sent = tuple[str, str, dict[str, Any]]  # HTTP method, path below /v1, and body or query
REFUSALS: dict[str, tuple[str, dict[str, Any], Sent, Refused, set[str]]] = {
    # what is wrong: rpc, request, the same over HTTP, what is told; the fields as the gateway calls them
    "nothing there": (
        "GetLead",
        {"id": NOBODY},
        ("GET", f"leads/{NOBODY}", {}),
        Refused("NOT_FOUND", "NOT_FOUND"),
        set(),
    ),
    "no id": (
        "GetLead",
        {"id": "x"},
        ("GET", "leads/x", {}),
        Refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", frozenset({"id"})),
        {"id"},
    ),
    "several bad fields": (
        "CreateLead",
        {"lead": {"displayName": "", "emails": [{"address": "nobody"}]}},
        ("POST", "leads", {"displayName": "", "emails": [{"address": "nobody"}]}),
        Refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", frozenset({"lead.display_name", "lead.emails[0].address"})),
        {"displayName", "emails[0].address"},
    ),
    "an unknown field in a filter": (
        "ListLeads",
        {"filter": "colour = red"},
        ("GET", "leads", {"filter": "colour = red"}),
        Refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", frozenset({"filter"})),
        {"filter"},
    ),
    "a page token that is none": (
        "ListLeads",
        {"pageToken": "bm9uZQ"},
        ("GET", "leads", {"pageToken": "bm9uZQ"}),
        Refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", frozenset({"page_token"})),
        {"pageToken"},
    ),
    "a stale etag": (
        "WorkLead",
        {"id": "{lead}", "etag": '"7"'},
        ("POST", "leads/{lead}:work", {"etag": '"7"'}),
        Refused("ABORTED", "STALE_ETAG"),
        set(),
    ),
    "a step that its state forbids": (
        "RecycleLead",
        {"id": "{lead}"},
        ("POST", "leads/{lead}:recycle", {}),
        Refused("FAILED_PRECONDITION", "NOT_DISQUALIFIED"),
        set(),
    ),
    "an id that is taken": (
        "CreateLead",
        {"lead": LEAD, "id": "{lead}"},
        ("POST", "leads?id={lead}", dict(LEAD)),
        Refused("ALREADY_EXISTS", "ALREADY_EXISTS"),
        set(),
    ),
}


@pytest.mark.parametrize("wrong", REFUSALS)
def test_what_is_wrong_is_told_alike(sales: Stranger, admin: httpx.Client, wrong: str) -> None:
    rpc, request, (method, path, sent), expected, fields = REFUSALS[wrong]
    lead = ok(admin.post("/v1/leads", json=LEAD))["id"]
    refused = sales.call(f"{LEADS}/{rpc}", {name: _named(value, lead) for name, value in request.items()})
    assert refused == expected
    assert isinstance(refused, Refused)
    assert refused.domain == "sales.kith"

    given: dict[str, Any] = {"params": sent} if method == "GET" else {"json": sent}
    answer = admin.request(method, "/v1/" + path.replace("{lead}", lead), **given)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["reason"]) == (STATUS[expected.code], expected.reason)
    assert {one["field"] for one in problem["errors"]} == fields


@pytest.mark.parametrize("token", ["", "not-a-token", "kith_abc_def"])
def test_who_is_nobody_is_told_so_at_both_doors(suite: Suite, token: str) -> None:
    with grpc.insecure_channel(suite.demo["grpc"]["sales"]) as channel:
        refused = Stranger(channel, token).call(f"{LEADS}/ListLeads", {})
    assert refused == Refused("UNAUTHENTICATED", "UNAUTHENTICATED")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=suite.demo["url"], timeout=30, trust_env=False, headers=headers) as client:
        answer = client.get("/v1/leads")
    assert (answer.status_code, answer.json()["reason"]) == (401, "UNAUTHENTICATED")


def test_a_call_without_a_deadline_is_refused(sales: Stranger) -> None:
    refused = sales.call(f"{LEADS}/ListLeads", {}, seconds=None)
    assert isinstance(refused, Refused)
    assert refused.code == "INVALID_ARGUMENT", refused


def _named(value: Any, lead: str) -> Any:
    return lead if value == "{lead}" else value
