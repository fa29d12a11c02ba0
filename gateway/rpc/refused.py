"""What a service refused, as a problem: its details unpacked, its paths told as the caller's JSON has them."""

import grpc
from google.rpc import error_details_pb2
from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from gateway.codec.reader import Fault
from gateway.codec.times import path_camel
from gateway.problems import Problem, sentence

DETAILS = "grpc-status-details-bin"
SAID_BY_GRPC = {
    Code.UNAVAILABLE: "a service is not reachable",
    Code.DEADLINE_EXCEEDED: "a service did not answer in time",
}


def of_rpc(error: grpc.aio.AioRpcError, body: str = "") -> Problem:
    """`body` is the request's field that the HTTP body was: paths are relative to it."""
    code = error.code().value[0]
    packed = next((value for name, value in error.trailing_metadata() or () if name == DETAILS), b"")
    if not packed and code == Code.RESOURCE_EXHAUSTED and "larger than max" in (error.details() or ""):
        return Problem(code, "MESSAGE_TOO_LARGE", "the message is larger than 8 MB")
    if not packed and code == Code.CANCELLED:  # by the service, as it went down: our own cancelling is no AioRpcError
        code = Code.UNAVAILABLE
    if not packed:  # gRPC itself: its text names addresses and file names, so it stays here
        return Problem(code, Code.Name(code), SAID_BY_GRPC.get(code, ""), headers=_retry(code))
    status = Status.FromString(packed if isinstance(packed, bytes) else packed.encode())
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for detail in status.details:
        for known in (info, bad, retry):
            detail.Unpack(known)
    faults = [Fault(json_path(v.field, body), v.reason or info.reason, v.description) for v in bad.field_violations]
    seconds = retry.retry_delay.seconds + bool(retry.retry_delay.nanos)
    return Problem(
        status.code,
        info.reason or Code.Name(status.code),
        sentence(faults) if faults else status.message,  # a service's words name its own paths, not the caller's
        faults,
        dict(info.metadata),
        _retry(status.code, seconds),
        info.domain,
    )


def json_path(path: str, body: str) -> str:
    """`opportunity.close_date` -> `closeDate` where the body is the opportunity."""
    if body not in ("", "*"):
        path = path.removeprefix(body + ".")
    return path_camel(path)


def _retry(code: int, seconds: int = 0) -> dict[str, str]:
    return {"retry-after": str(seconds or 1)} if seconds or code == Code.UNAVAILABLE else {}
