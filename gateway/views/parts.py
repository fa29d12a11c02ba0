"""One reply from several rpcs at once: each part with its own deadline, required or optional."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.incoming import Incoming
from gateway.problems import Problem
from gateway.rpc.backend import Backend

Got = Mapping[str, Any]
Fields = Callable[
    [str, Got], Mapping[str, Any] | None
]  # (the view's subject, parts it needs) -> request; None: nothing


@dataclass(frozen=True)
class Part:
    """One call of a view. A required one that fails is the view's own failure; an optional one is named as missing.

    `takes` is the reply's field that the part is; "" is the whole reply. `needs` are parts that it is asked after.
    """

    rpc: str
    fields: Fields
    takes: str = ""
    seconds: float = 2.0
    required: bool = False
    needs: tuple[str, ...] = ()


Parts = Mapping[str, Part]


async def gather(parts: Parts, subject: str, backend: Backend, incoming: Incoming) -> dict[str, Any]:
    """Every part by its name; beside them `missing`, [{part, reason}], and `more`, the lists that go on.

    A missing part is null. Raises Problem when a required part is refused; the others are cancelled then.
    """
    missing: list[dict[str, str]] = []
    more: list[str] = []
    tasks: dict[str, asyncio.Task[Any]] = {}

    async def fetch(name: str, part: Part) -> Any:
        got = {need: await tasks[need] for need in part.needs}
        fields = part.fields(subject, got) if None not in got.values() else None
        if fields is None:
            return _nothing(name, part, got, missing)
        try:
            reply = await backend.rpc(part.rpc)(incoming, part.seconds, **fields)
        except Problem as problem:
            if part.required:
                raise
            missing.append({"part": name, "reason": problem.public_reason})
            return None
        if reply.get("nextPageToken"):
            more.append(name)
        return reply[part.takes] if part.takes else reply

    try:
        async with asyncio.TaskGroup() as group:
            for name, part in parts.items():  # a part comes after those it needs
                tasks[name] = group.create_task(fetch(name, part))
    except* Problem as refused:
        raise refused.exceptions[0] from None
    return {name: task.result() for name, task in tasks.items()} | {"missing": missing, "more": more}


def _nothing(name: str, part: Part, got: Got, missing: list[dict[str, str]]) -> Any:
    """Nothing to ask for is an empty list; a need that is missing takes the part along."""
    lost = next((need for need, value in got.items() if value is None), "")
    if not lost:
        return [] if part.takes else {}
    reason = next(one["reason"] for one in missing if one["part"] == lost)
    missing.append({"part": name, "reason": reason})
    return None
