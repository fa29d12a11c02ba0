"""What the gateway counts of itself; labels are templates, methods and statuses, so that they stay few."""

from functools import lru_cache

from prometheus_client import Gauge, Histogram

from chassis.telemetry import BOUNDS, REGISTRY

METHODS = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"}
REQUESTS = Histogram(
    "kith_http_request_duration_seconds",
    "Seconds from a request's head to the end of its reply.",
    ["route", "method", "status"],
    buckets=BOUNDS,
    registry=REGISTRY,
)
STREAMS = Gauge("kith_live_streams", "Event streams that are open.", registry=REGISTRY)


def observe(route: str, method: str, status: int, seconds: float) -> None:
    """`status` 0: nothing was answered."""
    _labelled(route, method if method in METHODS else "other", status).observe(seconds)


@lru_cache(maxsize=10_000)
def _labelled(route: str, method: str, status: int) -> Histogram:
    return REQUESTS.labels(route, method, str(status))
