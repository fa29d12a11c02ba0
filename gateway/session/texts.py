"""What a request to the session's rooms says: texts by name, and nothing else."""

from typing import Any

from starlette.requests import Request

from gateway.codec.reader import Readers
from gateway.problems import invalid, required
from gateway.rpc.body import body_of

LARGEST_BODY = 10_000
READERS = Readers()


async def texts_of(request: Request, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, str]:
    """The body's texts, "" for an optional one that is not there. Raises Problem naming each that is missing."""
    body = await body_of(request.scope["kith"], request.receive, LARGEST_BODY)
    given = READERS.parse(body or b"{}")
    fields: dict[str, Any] = given if isinstance(given, dict) else {}
    wrong = [required(name) for name in needed if type(fields.get(name)) is not str or not fields[name]]
    wrong += [required(name) for name in optional if type(fields.get(name) or "") is not str]
    if wrong:
        raise invalid(wrong)
    return {name: fields.get(name) or "" for name in (*needed, *optional)}
