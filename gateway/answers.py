"""How a reply leaves: status, headers and one body, straight to ASGI."""

from collections.abc import Iterable

from starlette.types import Message, Send

Headers = list[tuple[bytes, bytes]]
JSON_HEADER = (b"content-type", b"application/json")


async def answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, head: bool) -> None:
    """`head`: the same as to GET, without the body."""
    length = [] if status in (204, 304) else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": b"" if head else body})


def without_body(send: Send) -> Send:
    """For HEAD: what the reply would be, less what it would say."""

    async def sending(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sending


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether the client has this state already (RFC 9110, section 13.1.2: compared weakly)."""
    if if_none_match.strip() == "*":
        return True
    known = (one.strip().removeprefix("W/") for one in if_none_match.split(","))
    return etag.removeprefix("W/") in known
