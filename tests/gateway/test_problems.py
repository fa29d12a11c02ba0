"""Refusals as problems: their status, their words in two languages, and what they keep to themselves."""

import logging

import grpc
import httpx
import pytest
from google.rpc.code_pb2 import Code

from gateway.language import language_of
from gateway.problems import HTTP, Problem
from gateway.rpc.refused import of_rpc
from tests.gateway.backend import Refused, Services

URL = "/v1/plants/7:water"
TABLE = [
    (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT", 400),
    (Code.FAILED_PRECONDITION, "ASLEEP", 400),
    (Code.UNAUTHENTICATED, "UNAUTHENTICATED", 401),
    (Code.PERMISSION_DENIED, "PERMISSION_DENIED", 403),
    (Code.NOT_FOUND, "NOT_FOUND", 404),
    (Code.ALREADY_EXISTS, "ALREADY_EXISTS", 409),
    (Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED", 422),
    (Code.ABORTED, "ABORTED", 409),
    (Code.ABORTED, "STALE_ETAG", 412),
    (Code.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", 429),
    (Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", 413),
    (Code.CANCELLED, "CANCELLED", 499),
    (Code.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", 504),
    (Code.UNAVAILABLE, "UNAVAILABLE", 503),
    (Code.UNIMPLEMENTED, "UNIMPLEMENTED", 501),
    (Code.INTERNAL, "INTERNAL", 500),
]


def refuse_with(services: Services, refused: Refused) -> None:
    def answer(request: object) -> object:
        raise refused

    services.answers["WaterPlant"] = answer  # type: ignore[assignment]  # raises


@pytest.mark.parametrize(("code", "reason", "status"), TABLE)
async def test_each_refusal_has_its_status_and_reason(
    rep: httpx.AsyncClient, services: Services, code: int, reason: str, status: int
) -> None:
    refuse_with(services, Refused(code, reason))
    reply = await rep.post(URL, json={"litres": 1})
    problem = reply.json()
    assert (reply.status_code, problem["reason"], problem["status"]) == (status, reason, status)
    assert problem["type"] == f"/docs#{reason}"
    assert problem["domain"] == ("kith" if code == Code.INTERNAL else "garden.kith")
    assert problem["instance"] == URL
    assert ("www-authenticate" in reply.headers) == (status == 401)


def test_every_code_has_a_status() -> None:
    assert set(HTTP) == set(Code.values()) - {Code.OK}


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "植物正在休眠"),
        ("en-GB", "The plant is asleep"),
        ("fr, en;q=0.2, zh;q=0.4", "植物正在休眠"),
        ("", "The plant is asleep"),
        (";;;q=x,", "The plant is asleep"),
    ],
)
async def test_the_title_is_the_reasons_label_in_the_readers_language(
    rep: httpx.AsyncClient, services: Services, asked: str, title: str
) -> None:
    refuse_with(services, Refused(Code.FAILED_PRECONDITION, "ASLEEP"))
    reply = await rep.post(URL, json={"litres": 1}, headers={"accept-language": asked})
    assert (reply.json()["title"], reply.json()["detail"]) == (title, "said for a developer")


async def test_a_reason_without_label_has_the_words_of_its_code(rep: httpx.AsyncClient, services: Services) -> None:
    refuse_with(services, Refused(Code.FAILED_PRECONDITION, "NEVER_HEARD_OF"))
    reply = await rep.post(URL, json={"litres": 1}, headers={"accept-language": "zh"})
    assert reply.json()["title"] == "当前状态下不能这样做"


def test_an_unwanted_language_is_not_chosen() -> None:
    assert language_of("zh;q=0, en;q=0.1") == "en"


async def test_a_fault_of_ours_says_its_request_id_and_nothing_else(rep: httpx.AsyncClient, services: Services) -> None:
    refuse_with(services, Refused(Code.INTERNAL, "SECRET_REASON", {"plant.secret": "secret"}))
    problem = (await rep.post(URL, json={"litres": 1})).json()
    assert (problem["reason"], problem["detail"], problem["errors"]) == ("INTERNAL", "", [])
    assert "metadata" not in problem
    assert "secret" not in str(problem).lower()
    assert problem["requestId"]


async def test_a_bug_is_a_problem_too_and_is_logged_once(
    rep: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("of a very private thing")

    monkeypatch.setattr("gateway.rpc.transcode.request_fields", broken)
    with caplog.at_level(logging.ERROR):
        reply = await rep.get("/v1/plants/7")
    assert (reply.status_code, reply.json()["reason"], reply.json()["detail"]) == (500, "INTERNAL", "")
    assert [record.message for record in caplog.records] == ["request failed"]


async def test_a_refusal_says_when_to_come_back(rep: httpx.AsyncClient, services: Services) -> None:
    refuse_with(services, Refused(Code.RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED", retry_seconds=7))
    assert (await rep.post(URL, json={"litres": 1})).headers["retry-after"] == "7"


async def test_a_service_that_is_away_is_503_and_its_address_stays_here(
    rep: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away(grpc.aio.AioRpcError):
        pass

    def start(*_: object) -> object:
        raise Away(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), "connect 10.0.0.7:7003")

    monkeypatch.setattr("gateway.rpc.backend.Rpc.start", start)
    reply = await rep.get("/v1/plants/7")
    assert (reply.status_code, reply.json()["reason"]) == (503, "UNAVAILABLE")
    assert "10.0.0.7" not in reply.text
    assert reply.headers["retry-after"] == "1"


async def test_a_reply_larger_than_may_be_is_413_when_grpc_says_so() -> None:
    from gateway.rpc.refused import of_rpc

    error = grpc.aio.AioRpcError(
        grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.aio.Metadata(), grpc.aio.Metadata(), "Sent message larger than max (9)"
    )
    problem: Problem = of_rpc(error)
    assert (problem.status, problem.reason) == (413, "MESSAGE_TOO_LARGE")


async def test_a_call_that_a_service_cancelled_as_it_went_down_may_be_asked_again() -> None:
    problem = of_rpc(grpc.aio.AioRpcError(grpc.StatusCode.CANCELLED, grpc.aio.Metadata(), grpc.aio.Metadata()))
    assert (problem.status, problem.headers) == (503, {"retry-after": "1"})
