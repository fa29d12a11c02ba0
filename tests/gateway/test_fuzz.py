"""Whatever is sent, over a backend that never fails, nothing ends in a 5xx and every refusal is a problem."""

import asyncio
import json
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.app import Gateway
from tests.gateway.backend import Services
from tests.gateway.conftest import ORIGIN, Build, client_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
FIELDS = (
    "id etag displayName display_name price plantDate state height seeds labels tags customFields emails createTime"
)
KEYS = [*FIELDS.split(), "externalIds", "updateMask", "litres", "requestId", "nonsense"]
NAMED = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), JSON, max_size=5)
BODIES = NAMED.map(lambda given: json.dumps(given).encode()) | st.binary(max_size=40)
READ_HEADERS = """if-match if-none-match idempotency-key accept-language x-request-id traceparent accept-encoding
    content-type cookie x-forwarded-for last-event-id origin"""
HEADER = st.sampled_from(READ_HEADERS.split())
HEADERS = st.dictionaries(HEADER, st.binary(max_size=30).map(lambda raw: raw.translate(None, b"\r\n\0")), max_size=3)
PLACES = """/v1/plants /v1/plants/7 /v1/plants/7:water /v1/plants:batchGet /v1/plants:aggregate /v1/tools /v1/me
    /v1/session /v1/session:refresh /v1/search /v1/home /v1/limits /openapi.json /docs / /v1/contacts/7/overview"""
PATHS = st.sampled_from(PLACES.split()) | st.text(max_size=12).map(lambda text: "/" + quote(text, safe="/:%"))
METHODS = st.sampled_from(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"])
PARAMETER = st.sampled_from(
    ["pageSize", "filter", "updateMask", "readTime", "ids", "query", "validateOnly", "plant.height"]
)
QUERIES = st.lists(st.tuples(PARAMETER | st.text(max_size=6), st.text(max_size=10)), max_size=3)


@pytest.fixture
async def unlimited(built: Build) -> Gateway:
    nothing = {f"limit_{name}_per_second": 0 for name in ("tenant", "user", "key", "address", "session")}
    return built(**nothing)


async def test_no_request_ends_in_a_5xx(unlimited: Gateway, services: Services) -> None:
    """S08"""
    loop = asyncio.get_running_loop()
    async with client_of(unlimited, {"authorization": "Bearer rep"}) as rep:

        async def ask(method: str, path: str, query: Any, headers: Any, body: bytes) -> httpx.Response:
            raw = f"{path}?{urlencode(query)}".encode()
            return await rep.request(
                method, httpx.URL(ORIGIN).copy_with(raw_path=raw), headers=list(headers.items()), content=body
            )

        @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
        @given(METHODS, PATHS, QUERIES, HEADERS, BODIES)
        def holds(method: str, path: str, query: Any, headers: Any, body: bytes) -> None:
            reply = asyncio.run_coroutine_threadsafe(ask(method, path, query, headers, body), loop).result(20)
            assert reply.status_code < 500 or reply.status_code == 501, (reply.status_code, reply.text)
            if reply.status_code >= 400 and method != "HEAD":
                problem = reply.json()
                assert reply.headers["content-type"] == "application/problem+json"
                assert problem["status"] == reply.status_code
                assert problem["reason"]

        await asyncio.to_thread(holds)
