"""A collector of spans, as OpenTelemetry's own: what processes send by OTLP, kept in memory."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as otlp


@dataclass(frozen=True)
class Span:
    """One of them; ids in hex, `parent` empty where it is the first of its trace here."""

    service: str  # "kith-sales"
    name: str
    trace: str
    id: str
    parent: str


@dataclass
class Spans:
    """All that came so far; `environ` tells a process to send its own, soon."""

    port: int = 0
    all: list[Span] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}", "OTEL_BSP_SCHEDULE_DELAY": "200"}

    def of(self, trace: str) -> list[Span]:
        return [one for one in self.all if one.trace == trace]


class Collector(otlp.TraceServiceServicer):
    """Appends what comes; nothing waits for it."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans

    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802  # OTLP's name
        for resource in request.resource_spans:
            told = {one.key: one.value.string_value for one in resource.resource.attributes}
            for one in (span for scope in resource.scope_spans for span in scope.spans):
                ids = one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex()
                self._spans.all.append(Span(told["service.name"], one.name, *ids))
        return messages.ExportTraceServiceResponse()


@contextmanager
def collector() -> Iterator[Spans]:
    """Takes spans until the block ends."""
    spans, server = Spans(), grpc.server(ThreadPoolExecutor(2))
    otlp.add_TraceServiceServicer_to_server(Collector(spans), server)  # type: ignore[no-untyped-call]  # generated
    spans.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield spans
    finally:
        server.stop(0).wait()
