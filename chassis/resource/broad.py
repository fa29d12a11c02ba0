"""Questions that read too much are refused before they hurt others: two seconds of the database for a list."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from sqlalchemy.sql.expression import ClauseElement

from chassis.call import Call
from chassis.errors import InvalidArgument

SECONDS = 2.0


class FilterTooBroad(InvalidArgument): ...


async def ask_in_time(
    call: Call, shape: Hashable, build: Callable[[], ClauseElement], values: Mapping[str, object]
) -> list[Any]:
    """As `call.ask`. Raises FilterTooBroad when it takes too long; the statement is cancelled then."""
    try:
        async with asyncio.timeout(SECONDS):
            return await call.ask(shape, build, values)
    except TimeoutError:
        raise FilterTooBroad.of("filter", f"takes more than {SECONDS:g} s; narrow it by an indexed field") from None
