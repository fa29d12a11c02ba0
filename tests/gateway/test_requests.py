"""What a program sends reaches the service as the contract says, and comes back as JSON."""

import uuid
from typing import Any

import httpx
import pytest
from google.rpc.code_pb2 import Code

from gateway.app import Gateway
from gateway.rpc.request import KEYS
from tests.gateway.backend import Refused, Services
from tests.gateway.conftest import client_of

ID = str(uuid.UUID(int=7))


async def test_a_record_goes_in_and_out_as_json(rep: httpx.AsyncClient, services: Services) -> None:
    services.answers["CreatePlant"] = lambda request: services.message(
        "kith.garden.v1.Plant", id=ID, etag='"1"', display_name=request.plant.display_name, price=request.plant.price
    )
    price = {"currencyCode": "EUR", "units": "125000", "nanos": 500000000}
    reply = await rep.post(
        "/v1/plants?validateOnly=true",
        json={"display_name": "椿", "price": price, "plantDate": {"year": 2027, "month": 3, "day": 31}, "seeds": "9"},
    )
    heard = services.last("CreatePlant").request
    assert (heard.plant.display_name, heard.plant.plant_date.day, heard.plant.seeds) == ("椿", 31, 9)
    assert heard.validate_only
    assert (reply.status_code, reply.headers["etag"]) == (200, '"1"')
    made = reply.json()
    assert (made["displayName"], made["price"], made["height"], made["tags"]) == ("椿", price, 0, [])


async def test_a_list_is_asked_by_query(rep: httpx.AsyncClient, services: Services) -> None:
    await rep.get("/v1/plants", params={"pageSize": 5, "order_by": "id desc", "filter": 'display_name = "a"'})
    heard = services.last("ListPlants").request
    assert (heard.page_size, heard.order_by, heard.filter) == (5, "id desc", 'display_name = "a"')
    await rep.get("/v1/plants:batchGet", params=[("ids", ID), ("ids", "b")])
    assert list(services.last("BatchGetPlants").request.ids) == [ID, "b"]


async def test_only_token_trace_name_and_address_reach_a_service(rep: httpx.AsyncClient, services: Services) -> None:
    """S16: nothing that a client could call an identity passes; the address is the one we see (ID-14)."""
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    reply = await rep.get(
        f"/v1/plants/{ID}",
        headers={
            "traceparent": trace,
            "x-request-id": "mine-1",
            "x-tenant": "x",
            "x-user-id": "y",
            "cookie": "a=b",
            "x-forwarded-for": "203.0.113.9",
        },
    )
    heard = services.last("GetPlant").metadata
    assert heard.pop("user-agent").startswith("grpc-python")
    named = {"traceparent": trace, "x-request-id": "mine-1", "x-forwarded-for": "127.0.0.1"}
    assert heard == {"authorization": "Bearer rep"} | named
    assert (reply.headers["x-request-id"], reply.headers["traceparent"]) == ("mine-1", trace)


@pytest.mark.parametrize("sent", ["a" * 129, "with space", "ü"])
async def test_a_strange_request_id_is_replaced(rep: httpx.AsyncClient, services: Services, sent: str) -> None:
    reply = await rep.get(f"/v1/plants/{ID}", headers=[(b"x-request-id", sent.encode())])
    assert len(reply.headers["x-request-id"]) == 32
    assert services.last("GetPlant").metadata["x-request-id"] == reply.headers["x-request-id"]


async def test_an_etag_is_a_header_both_ways(rep: httpx.AsyncClient, services: Services) -> None:
    services.answers["GetPlant"] = lambda _: services.message("kith.garden.v1.Plant", id=ID, etag='"3"')
    known = await rep.get(f"/v1/plants/{ID}", headers={"if-none-match": '"2", W/"3"'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", '"3"')
    assert (await rep.get(f"/v1/plants/{ID}", headers={"if-none-match": '"2"'})).status_code == 200
    await rep.delete(f"/v1/plants/{ID}", headers={"if-match": '"3"'})
    assert services.last("DeletePlant").request.etag == '"3"'
    await rep.delete(f"/v1/plants/{ID}", headers={"if-match": "*"})
    assert services.last("DeletePlant").request.etag == ""
    await rep.post(f"/v1/plants/{ID}:water", json={"litres": 2}, headers={"if-match": '"4"'})
    assert services.last("WaterPlant").request.etag == '"4"'
    made = await rep.post("/v1/plants", json={"displayName": "a"}, headers={"if-match": '"4"'})
    assert (made.status_code, services.last("CreatePlant").request.plant.etag) == (200, "")  # nothing to match yet
    both = await rep.patch(f"/v1/plants/{ID}", json={"height": 1, "etag": '"9"'}, headers={"if-match": '"1"'})
    assert (both.status_code, both.json()["reason"]) == (400, "CONTRADICTION")


async def test_an_idempotency_key_becomes_the_request_id(rep: httpx.AsyncClient, services: Services) -> None:
    await rep.post("/v1/plants", json={"displayName": "a"}, headers={"idempotency-key": "any text"})
    assert services.last("CreatePlant").request.request_id == str(uuid.uuid5(KEYS, "any text"))
    other = await rep.post("/v1/plants?requestId=b", json={"displayName": "a"}, headers={"idempotency-key": "any text"})
    assert other.json()["reason"] == "CONTRADICTION"


async def test_head_is_get_without_a_body_and_options_tells_the_methods(
    rep: httpx.AsyncClient, services: Services
) -> None:
    whole = await rep.get(f"/v1/plants/{ID}")
    head = await rep.head(f"/v1/plants/{ID}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    room = await rep.head("/v1/limits")
    assert (room.status_code, room.content, int(room.headers["content-length"]) > 0) == (200, b"", True)
    assert (await rep.head("/v1/events/stream")).headers["content-type"].startswith("text/event-stream")
    options = await rep.options(f"/v1/plants/{ID}")
    assert (options.status_code, options.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH")
    assert "access-control-allow-origin" not in options.headers


async def test_large_replies_are_packed_for_who_can_unpack(rep: httpx.AsyncClient, services: Services) -> None:
    many = [{"display_name": "Ten robots"}] * 50
    services.answers["ListPlants"] = lambda _: services.message("kith.garden.v1.ListPlantsResponse", plants=many)
    packed = await rep.get("/v1/plants", headers={"accept-encoding": "gzip"})
    plain = await rep.get("/v1/plants", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


async def test_every_reply_says_what_browsers_must_not_do(rep: httpx.AsyncClient) -> None:
    """S20"""
    for path in ("/v1/plants", "/v1/nothing", "/openapi.json"):
        headers = (await rep.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers


async def test_https_is_said_to_be_for_good(built: object) -> None:
    gateway: Gateway = built(origin="https://crm.example")  # type: ignore[operator]  # the fixture's function
    async with client_of(gateway, {}) as anyone:
        assert "max-age" in (await anyone.get("/healthz")).headers["strict-transport-security"]


THREE_FAULTS = {"displayname": "x", "price": {"units": 1.5}, "plantDate": {"year": 2027, "month": 2, "day": 30}}
BAD: list[Any] = [  # method, path, JSON or bytes, headers -> status, reason, fields
    ("GET", "/v1/nothing", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("POST", "/", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("GET", "/nothing%0Ahere", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("BREW", "/nothing", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("BREW", "/v1/search", None, {}, 405, "METHOD_NOT_ALLOWED", []),
    ("BREW", "/v1/plants", None, {}, 405, "METHOD_NOT_ALLOWED", []),
    ("GET", "/docs/", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("GET", "//v1/plants", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("GET", "/v1/%70lants", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("PUT", "/v1/plants", {}, {}, 405, "METHOD_NOT_ALLOWED", []),
    ("DELETE", "/v1/search", None, {}, 405, "METHOD_NOT_ALLOWED", []),
    ("GET", f"/v1/plants/{ID}:fly", None, {}, 404, "NO_SUCH_ROUTE", []),
    ("GET", "/v1/plants?pageSize=x", None, {}, 400, "INVALID_ARGUMENT", ["pageSize"]),
    ("GET", "/v1/plants?pageSize=99999999999", None, {}, 400, "INVALID_ARGUMENT", ["pageSize"]),
    ("GET", "/v1/plants?pageSize=1&page_size=2", None, {}, 400, "GIVEN_TWICE", ["page_size"]),
    ("GET", "/v1/plants?wrong=1&showDeleted=maybe", None, {}, 400, "INVALID_ARGUMENT", ["wrong", "showDeleted"]),
    ("GET", "/v1/plants?filter=%00", None, {}, 400, "INVALID_ARGUMENT", ["filter"]),
    ("GET", "/v1/plants/%00", None, {}, 400, "INVALID_ARGUMENT", ["id"]),
    ("GET", "/v1/plants", None, {"authorization": "Basic xyz"}, 401, "UNAUTHENTICATED", []),
    ("GET", "/v1/plants", None, {"authorization": b"Bearer \xff\x01"}, 401, "UNAUTHENTICATED", []),
    ("GET", "/v1/plants", None, {"authorization": "Bearer ended"}, 401, "UNAUTHENTICATED", []),
    ("POST", "/v1/plants", b"{", {}, 400, "INVALID_ARGUMENT", [""]),
    ("POST", "/v1/plants", b"\xff", {}, 400, "INVALID_ARGUMENT", [""]),
    ("POST", "/v1/plants", b"[" * 100_000, {}, 400, "INVALID_ARGUMENT", [""]),
    ("POST", "/v1/plants", [], {}, 400, "INVALID_ARGUMENT", [""]),
    ("POST", "/v1/plants", b"{}", {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE", []),
    ("POST", "/v1/plants", b" " * 8_000_001, {}, 413, "MESSAGE_TOO_LARGE", []),
    ("POST", "/v1/plants", b"{}", {"content-length": "9" * 30}, 413, "MESSAGE_TOO_LARGE", []),
    ("POST", "/v1/plants", THREE_FAULTS, {}, 400, "INVALID_ARGUMENT", ["displayname", "price.units", "plantDate"]),
    ("POST", "/v1/plants", {"nonsense": 1}, {}, 400, "UNKNOWN_FIELD", ["nonsense"]),
    ("POST", "/v1/plants?plant.displayName=x", {}, {}, 400, "UNKNOWN_FIELD", ["plant.displayName"]),
    ("POST", "/v1/plants", {}, {"idempotency-key": "x" * 201}, 400, "INVALID_ARGUMENT", ["Idempotency-Key"]),
    ("POST", f"/v1/plants/{ID}:water", {"id": "8"}, {}, 400, "CONTRADICTION", ["id"]),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "headers", "status", "reason", "fields"), BAD)
async def test_bad_input_is_a_problem_and_reaches_no_service(
    rep: httpx.AsyncClient, services: Services, method: str, path: str, body: object, headers: dict[str, str],
    status: int, reason: str, fields: list[str],
) -> None:  # fmt: skip
    if isinstance(body, bytes):
        reply = await rep.request(method, path, headers=headers, content=body)
    else:
        reply = await rep.request(method, path, headers=headers, json=body)
    problem = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status_code, problem["status"], problem["reason"]) == (status, status, reason), problem
    assert [error["field"] for error in problem["errors"]] == fields
    assert problem["requestId"] == reply.headers["x-request-id"]
    assert problem["traceId"] == reply.headers["traceparent"][3:35]
    assert {heard.rpc for heard in services.heard} <= {"WhoAmI"}


async def test_a_name_of_ten_megabytes_is_refused_while_it_comes(gateway: Gateway, services: Services) -> None:
    taken = 0

    async def endless() -> object:
        nonlocal taken
        for _ in range(20):
            taken += 1
            yield b"x" * 1_000_000

    async with client_of(gateway, {"authorization": "Bearer rep"}) as rep:
        reply = await rep.post("/v1/plants", content=endless(), headers={"content-type": "application/json"})  # type: ignore[arg-type]  # a generator
    assert (reply.status_code, reply.json()["reason"]) == (413, "MESSAGE_TOO_LARGE")
    assert services.of("CreatePlant") == []


async def test_a_refusal_tells_the_callers_own_paths(rep: httpx.AsyncClient, services: Services) -> None:
    def refuse(request: object) -> object:
        raise Refused(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", {"plant.plant_date": "too late", "update_mask": "x"})

    services.answers["UpdatePlant"] = refuse  # type: ignore[assignment]  # raises
    problem = (await rep.patch(f"/v1/plants/{ID}", json={"height": 1})).json()
    assert [error["field"] for error in problem["errors"]] == ["plantDate", "updateMask"]
    assert problem["detail"] == "plantDate: too late; updateMask: x"
