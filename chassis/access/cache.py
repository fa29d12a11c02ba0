"""A dictionary of bounded size that forgets what was used least lately."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
SIZE = 10_000


class Cache(Generic[K, V]):
    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._kept: dict[K, V] = {}  # keeps the order of insertion: the last is the latest used

    def get(self, key: K) -> V | None:
        value = self._kept.pop(key, None)
        if value is not None:
            self._kept[key] = value
        return value

    def put(self, key: K, value: V) -> tuple[K, V] | None:
        """Keep it, and tell what had to go for it."""
        self._kept.pop(key, None)
        self._kept[key] = value
        if len(self._kept) <= self._size:
            return None
        oldest = next(iter(self._kept))
        return oldest, self._kept.pop(oldest)

    def pop(self, key: K) -> V | None:
        return self._kept.pop(key, None)

    def clear(self) -> None:
        self._kept.clear()
