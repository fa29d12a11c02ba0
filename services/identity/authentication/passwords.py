"""Passwords: argon2id (19 MiB, two passes, one lane; OWASP), a few at a time, and never a hint by how long it takes."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from chassis.errors import ResourceExhausted
from identity.authentication.rules import refuse_weak

WIDTH, WAITING = 2, 64  # each holds 19 MiB and a core; whoever comes when so many wait is told to come again
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODYS = HASHER.hash("a password that nobody has")  # what is verified for those who do not exist
R = TypeVar("R")


class Passwords:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WIDTH, "argon2")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        return await self._run(lambda: HASHER.hash(password))

    async def new(self, password: str, least: int, known: Sequence[str], field: str = "password") -> str:
        """The hash of one that was chosen. Raises WeakPassword."""

        def made() -> str:
            refuse_weak(password, least, known, field)
            return HASHER.hash(password)

        return await self._run(made)

    async def verify(self, password: str, hashed: str | None) -> bool:
        """As long for an account that does not exist as for one that does."""
        return await self._run(lambda: _matches(hashed or NOBODYS, password)) and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Made with other parameters than ours are now."""
        return HASHER.check_needs_rehash(hashed)

    def close(self) -> None:
        self._threads.shutdown(wait=False)

    async def _run(self, work: Callable[[], R]) -> R:
        if self._waiting >= WAITING:
            raise ResourceExhausted("too many sign in at once; retry")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _matches(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False
