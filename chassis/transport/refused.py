"""A neighbour's google.rpc.Status as the refusal it was there: kind, reason, fields, facts."""

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2
from google.rpc.status_pb2 import Status

from chassis.errors import Internal, Refusal, Unavailable
from chassis.transport.status import CODES, DETAILS

KINDS = {code: kind for kind, code in CODES.items()}
_MADE: dict[tuple[type[Refusal], str], type[Refusal]] = {}  # as many as our neighbours have reasons


def refused(error: grpc.aio.AioRpcError) -> Refusal:
    """Its kind follows from the code alone; a code we do not use, and a fault of theirs, is Internal here."""
    kind: type[Refusal] = KINDS.get(error.code(), Internal)
    if error.code() is grpc.StatusCode.CANCELLED:
        kind = Unavailable  # by the neighbour, as it went down: our own cancelling is no AioRpcError
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in _status_of(error).details:
        detail.Unpack(info)
        detail.Unpack(bad)
    fields = {violation.field: violation.description for violation in bad.field_violations}
    return kind_of(kind, info.reason)(error.details() or "", fields=fields, **info.metadata)


def kind_of(kind: type[Refusal], reason: str) -> type[Refusal]:
    """A subclass of `kind` with the neighbour's reason, which our own callers then hear too."""
    if not reason or kind.reason == reason:
        return kind
    made = _MADE.get((kind, reason)) or next((one for one in kind.__subclasses__() if one.reason == reason), None)
    if made is None:
        name = "".join(word.capitalize() for word in reason.split("_"))
        made = _MADE[kind, reason] = type(name, (kind,), {})
    return made


def _status_of(error: grpc.aio.AioRpcError) -> Status:
    for name, value in error.trailing_metadata() or ():
        if name == DETAILS:
            try:
                return Status.FromString(value if isinstance(value, bytes) else value.encode())
            except DecodeError:
                break
    return Status()
