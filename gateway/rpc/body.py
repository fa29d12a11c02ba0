"""The body of a request, read no further than it may be long."""

from google.rpc.code_pb2 import Code
from starlette.types import Receive

from gateway.incoming import Incoming
from gateway.problems import Problem

LARGEST_BODY = 8_000_000
MEDIA_TYPES = {b"application/json", b"application/merge-patch+json"}


async def body_of(incoming: Incoming, receive: Receive, largest: int = LARGEST_BODY) -> bytes:
    """At most `largest` bytes, counted as they come: a Content-Length may lie or be absent. Raises Problem."""
    media_type = incoming.headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    told = incoming.headers.get(b"content-length", b"0")
    if told.isdigit() and int(told) > largest:
        raise too_large(largest)
    parts, size, more = list[bytes](), 0, True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            raise Problem(Code.CANCELLED, "CANCELLED", "the client left")
        parts.append(part.get("body", b""))
        size, more = size + len(parts[-1]), part.get("more_body", False)
        if size > largest:
            raise too_large(largest)
    if size and media_type not in MEDIA_TYPES:
        raise Problem(Code.INVALID_ARGUMENT, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json")
    return b"".join(parts)


def too_large(largest: int) -> Problem:
    said = f"{largest // 1_000_000} MB" if largest >= 1_000_000 else f"{largest} bytes"
    return Problem(Code.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", f"the body is larger than {said}")
