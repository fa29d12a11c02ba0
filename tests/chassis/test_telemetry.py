"""Traces go on whoever records them, numbers have no tenants, logs have no secrets (S23)."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator

import httpx
import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.database.embedded import free_port
from chassis.logs import clean, log_json
from chassis.telemetry import CURRENT, RPC, TRACING, Durations, start_span
from chassis.vitals import serve_vitals

SAMPLED, UNSAMPLED = "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "00-" + "a" * 32 + "-" + "b" * 16 + "-00"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    TRACING.start("test", 1.0, made)
    yield made
    TRACING.stop()


def test_a_trace_that_comes_in_goes_on_as_it_is_where_nothing_is_recorded() -> None:
    for traceparent in (SAMPLED, UNSAMPLED):
        with start_span("call", traceparent) as span:
            assert span.traceparent == CURRENT.get() == traceparent
            assert span.trace_id == "a" * 32
    assert CURRENT.get() == ""


@pytest.mark.parametrize("traceparent", ["", "nonsense", "00-" + "0" * 32 + "-" + "b" * 16 + "-01", SAMPLED.upper()])
def test_what_is_no_trace_begins_another(traceparent: str) -> None:
    with start_span("call", traceparent) as span:
        assert len(span.trace_id) == 32
        assert span.traceparent.endswith("-00")
        assert span.trace_id not in ("0" * 32, "a" * 32)


def test_a_sampled_span_is_recorded_below_its_parent(exporter: InMemorySpanExporter) -> None:
    with start_span("outer", SAMPLED) as outer, start_span("inner", outer.traceparent) as inner:
        inner.failed("NOT_OPEN")
    TRACING.stop()
    inner_span, outer_span = exporter.get_finished_spans()
    assert (inner_span.name, outer_span.name) == ("inner", "outer")
    assert outer_span.parent is not None
    assert outer_span.parent.span_id == int("b" * 16, 16)
    assert inner_span.parent is not None
    assert inner_span.parent.span_id == outer_span.context.span_id
    assert inner_span.status.description == "NOT_OPEN"


def test_what_the_caller_does_not_sample_is_not_recorded(exporter: InMemorySpanExporter) -> None:
    with start_span("call", UNSAMPLED) as span:
        assert span.traceparent == UNSAMPLED
    TRACING.stop()
    assert exporter.get_finished_spans() == ()


def test_the_part_that_is_sampled_is_the_part_asked_for() -> None:
    exporter = InMemorySpanExporter()
    TRACING.start("test", 0.25, exporter)
    sampled = sum(TRACING.span("call", "").traceparent.endswith("-01") for _ in range(2000))
    TRACING.stop()
    assert 400 < sampled < 600  # 500 expected, and five standard deviations are 97


async def test_a_histogram_counts_by_method_and_code_and_is_told_over_http() -> None:
    with RPC.timed("kith.test.v1.Gadgets.CountGadget") as outcome:
        outcome.code = "NOT_FOUND"
    port, well = free_port(), True
    server = await serve_vitals("127.0.0.1", port, lambda: well)
    async with server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        text = (await client.get("/metrics")).text
        labels = 'code="NOT_FOUND",method="kith.test.v1.Gadgets.CountGadget"'
        assert f"kith_rpc_duration_seconds_count{{{labels}}} 1.0" in text.replace(
            'method="kith.test.v1.Gadgets.CountGadget",code="NOT_FOUND"', labels
        )
        assert "tenant" not in text
        assert (await client.get("/healthz")).status_code == 200
        well = False
        assert (await client.get("/healthz")).status_code == 503
        assert (await client.get("/else")).status_code == 404


async def test_what_is_no_http_closes_its_connection_only() -> None:
    server = await serve_vitals("127.0.0.1", 0, lambda: True)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x00" * 70_000 + b"\r\n\r\n")
        try:
            assert await reader.read() == b""
        except ConnectionResetError:
            reader.feed_eof()
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


def test_buckets_hold_their_bounds() -> None:
    durations = Durations.__new__(Durations)
    durations._name, durations._says, durations._seen = "x", "y", {}
    for seconds in (0.0005, 0.001, 0.0011, 31.0):
        durations.observe("m", "OK", seconds)
    (family,) = durations.collect()
    found = {sample.labels.get("le"): sample.value for sample in family.samples if sample.name.endswith("_bucket")}
    assert (found["0.001"], found["0.0025"], found["30.0"], found["+Inf"]) == (2, 3, 3, 4)


CANARIES = [
    "kith_sales_q8Zr4Tn2Lw9XcVbM",
    "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
    "wang.wei@example.cn",
    "+86 138 0013 8000",
    "13800138000",
    "11010519491231002X",
    "hunter2-hunter2",
]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process logs in the test."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level, out = root.level, io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    log_json("sales", "INFO")
    yield out
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_no_secret_and_no_person_gets_into_the_log(lines: io.StringIO) -> None:
    log, struct = logging.getLogger("test"), structlog.get_logger("test")
    for canary in CANARIES[:-1]:
        log.info("somebody showed %s today", canary)
        struct.info("somebody came", note=f"with {canary}", deep={"list": [canary, {"text": canary}]})
    for key in ("password", "new_password", "refresh_token", "authorization", "api_key", "secret", "cookie"):
        log.info("by its name", extra={key: "hunter2-hunter2"})
        struct.info("by its name", facts={key: "hunter2-hunter2"})
    for key in ("email", "phone", "mobile_phone", "display_name", "given_name", "birth_date", "address_lines"):
        log.info("by its name", extra={key: "hunter2-hunter2"})
    log.info("postgresql://sales_app:hunter2-hunter2@db:5432/kith_sales is away")
    log.info("authorization: Bearer hunter2-hunter2")
    log.info("password=hunter2-hunter2&x=1")
    said_by_postgres = f"duplicate key\nDETAIL:  Key (email)=({CANARIES[-1]}) already exists, {CANARIES[2]}"
    try:
        raise ValueError(said_by_postgres)
    except ValueError:
        log.exception("call failed")
    said = lines.getvalue()
    assert said.count("[redacted]") > 30
    for canary in CANARIES:
        assert canary not in said


def test_a_line_is_one_json_object_with_its_trace(lines: io.StringIO) -> None:
    with start_span("call", UNSAMPLED):
        logging.getLogger("chassis.test").warning(
            "two\nlines", extra={"rows": 3, "api_key_id": "0192", "token_count": 2}
        )
    logging.getLogger("chassis.test").debug("too fine")
    (line,) = lines.getvalue().splitlines()
    found = json.loads(line)
    assert found.pop("time").endswith("Z")
    assert found == {
        "event": "two\nlines",
        "level": "warning",
        "logger": "chassis.test",
        "service": "sales",
        "trace_id": "a" * 32,
        "rows": 3,
        "api_key_id": "0192",
        "token_count": 2,
    }


@pytest.mark.parametrize(
    "text", ["kith.sales.v1.Leads.GetLead", "0192f0c1-7a1b-7c3d-8e4f-a1b2c3d4e5f6", "2026-11-25T03:08:49Z"]
)
def test_names_ids_and_times_are_left_alone(text: str) -> None:
    assert clean(text) == text
