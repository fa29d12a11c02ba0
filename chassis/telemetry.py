"""What a process tells of itself: spans of the calls that are sampled, and numbers for all of them.

W3C trace context comes in and goes on with every call, sampled or not. A span is recorded only where an OTLP endpoint
is set and the trace is sampled (parent-based; else by the trace id, so that all processes decide alike); everybody
else gets an object that does nothing. Numbers carry methods and codes, never tenants: labels have to stay few.
"""

from __future__ import annotations

import random
import re
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

REGISTRY = CollectorRegistry()
CURRENT: ContextVar[str] = ContextVar("traceparent", default="")  # of the call this code runs for
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TRACEPARENT = re.compile(r"^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$")


class Span(Protocol):
    """One call or one piece of background work. `traceparent` is what goes on to neighbours and events."""

    traceparent: str

    @property
    def trace_id(self) -> str: ...

    def failed(self, reason: str) -> None:
        """Say that it ended in a refusal."""
        ...

    def __enter__(self) -> Span: ...

    def __exit__(self, kind: Any, error: Any, trace: TracebackType | None) -> None: ...


class Quiet:
    """A span nobody records."""

    __slots__ = ("_token", "traceparent")

    def __init__(self, traceparent: str) -> None:
        self.traceparent = traceparent

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]

    def failed(self, reason: str) -> None: ...

    def __enter__(self) -> Quiet:
        self._token: Token[str] = CURRENT.set(self.traceparent)
        return self

    def __exit__(self, kind: Any, error: Any, trace: TracebackType | None) -> None:
        CURRENT.reset(self._token)


class Recorded(Quiet):
    """A span that is sent to the collector when it ends."""

    __slots__ = ("_span",)

    def __init__(self, tracer: Tracer, name: str, trace_id: int, parent_id: int) -> None:
        from opentelemetry import trace as api  # only where spans are recorded at all

        parent = api.SpanContext(trace_id, parent_id, is_remote=True, trace_flags=api.TraceFlags(1))
        self._span = tracer.start_span(name, api.set_span_in_context(api.NonRecordingSpan(parent)))
        super().__init__(f"00-{trace_id:032x}-{self._span.get_span_context().span_id:016x}-01")

    def failed(self, reason: str) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_status(StatusCode.ERROR, reason)

    def __exit__(self, kind: Any, error: Any, trace: TracebackType | None) -> None:
        if error is not None:
            self.failed(kind.__name__)
        self._span.end()
        super().__exit__(kind, error, trace)


class Tracing:
    """Whether and where to spans go; off until `start` is called."""

    def __init__(self) -> None:
        self._tracer: Tracer | None = None
        self._provider: TracerProvider | None = None
        self._below = 0  # a trace is sampled when the lower half of its id is (as OpenTelemetry's ratio sampler)

    def start(self, service: str, ratio: float, exporter: Any) -> None:
        """Record `ratio` (0..1) of the traces that begin here, and those that come sampled."""
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._provider = TracerProvider(resource=Resource({"service.name": f"kith-{service}"}), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer, self._below = self._provider.get_tracer("kith"), int(ratio * (1 << 64))

    def stop(self) -> None:
        """Send what is left; blocks for some seconds if the collector is away."""
        if self._provider is not None:
            self._provider.shutdown()
        self._tracer = self._provider = None

    def span(self, name: str, traceparent: str) -> Quiet:
        known = _TRACEPARENT.match(traceparent) if traceparent else None
        if known is None:
            trace_id = random.getrandbits(128) or 1  # names a trace, keeps no secret
            sampled = self._tracer is not None and (trace_id & (1 << 64) - 1) < self._below
            if not sampled:
                return Quiet(f"00-{trace_id:032x}-{random.getrandbits(64) or 1:016x}-00")
            return Recorded(self._tracer, name, trace_id, random.getrandbits(64) or 1)  # type: ignore[arg-type]
        if self._tracer is None or not int(known[3], 16) & 1:
            return Quiet(traceparent)
        return Recorded(self._tracer, name, int(known[1], 16), int(known[2], 16))


TRACING = Tracing()


def start_span(name: str, traceparent: str = "") -> Quiet:
    """A span below `traceparent`, or the first of a new trace; `with` it, and CURRENT is its own inside the block."""
    return TRACING.span(name, traceparent)


def trace_to(service: str, endpoint: str, ratio: float) -> None:
    """Send spans to the OTLP (gRPC) collector at `endpoint`; without one nothing is recorded."""
    if endpoint:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        TRACING.start(service, ratio, OTLPSpanExporter(endpoint, insecure=endpoint.startswith("http://")))


class Durations(Collector):
    """A histogram of seconds by method and code, kept in plain lists: one event loop writes, a scrape reads."""

    def __init__(self, name: str, says: str) -> None:
        self._name, self._says = name, says
        self._seen: dict[tuple[str, str], list[float]] = {}  # a count for each bound, one beyond them, the sum
        REGISTRY.register(self)

    def timed(self, method: str) -> Timed:
        """`with` it; set `.code` to what came of the call, "OK" otherwise."""
        return Timed(self, method)

    def observe(self, method: str, code: str, seconds: float) -> None:
        counts = self._seen.get((method, code))
        if counts is None:
            counts = self._seen[method, code] = [0.0] * (len(BOUNDS) + 2)
        counts[bisect_left(BOUNDS, seconds)] += 1
        counts[-1] += seconds

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self._name, self._says, labels=["method", "code"])
        for labels, counts in list(self._seen.items()):
            total, buckets = 0.0, []
            for bound, count in zip([*map(str, BOUNDS), "+Inf"], counts[:-1], strict=True):
                total += count
                buckets.append((bound, total))
            family.add_metric(labels, buckets, counts[-1])
        yield family


class Timed:
    """One measurement."""

    __slots__ = ("_began", "_durations", "_method", "code")

    def __init__(self, durations: Durations, method: str) -> None:
        self._durations, self._method, self.code = durations, method, "OK"

    def __enter__(self) -> Timed:
        self._began = time.perf_counter()
        return self

    def __exit__(self, kind: Any, error: Any, trace: TracebackType | None) -> None:
        code = self.code if error is None or self.code != "OK" else "CANCELLED"
        self._durations.observe(self._method, code, time.perf_counter() - self._began)


RPC = Durations("kith_rpc_duration_seconds", "Seconds from the first byte of a call to its answer.")
OUTBOX_ROWS = Gauge("kith_outbox_rows", "Events not yet on the bus.", registry=REGISTRY)
OUTBOX_AGE = Gauge("kith_outbox_oldest_age_seconds", "Age of the oldest event not yet on the bus.", registry=REGISTRY)
CONSUMER_LAG = Gauge("kith_consumer_lag_records", "Events not yet applied.", ["group", "topic"], registry=REGISTRY)
REBALANCES = Counter(
    "kith_consumer_rebalances_total",
    "How often partitions were shared out anew among a group's members; with Kafka.",
    ["group"],
    registry=REGISTRY,
)
BUS_AWAY = Gauge("kith_bus_away", "1 while the relay cannot reach the bus.", registry=REGISTRY)
BLOCKED = Gauge("kith_outbox_blocked_records", "Records whose events the bus refuses.", registry=REGISTRY)
HEARD = Counter(
    "kith_events_heard_total",
    "Events that were buried, retried, overtaken by a newer one of their record, or came after a hole.",
    ["group", "outcome"],
    registry=REGISTRY,
)
JOBS_DUE = Gauge("kith_jobs_due", "Jobs whose time has come and that nobody has taken.", registry=REGISTRY)
POOL = Gauge("kith_pool_connections", "Connections to the database.", ["pool", "state"], registry=REGISTRY)
