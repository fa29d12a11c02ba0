"""What was meant and what was answered, in a SQLite file of its own, so that no fault of ours can take it along."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

TABLE = (
    "create table step (key text primary key, customer integer, what text, answer text default '', id text default '')"
)


@dataclass(frozen=True)
class Step:
    """One call: `answer` is `ok`, `unknown` where nobody said, or why not; empty while it is under way."""

    key: str
    customer: int
    what: str
    answer: str
    id: str  # of the record that was answered


class Ledger:
    """Written by several threads, each with connections of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._run("pragma journal_mode = wal")
        self._run(TABLE)

    def intend(self, key: str, customer: int, what: str) -> None:
        """Before the call."""
        self._run("insert into step (key, customer, what) values (?, ?, ?)", key, customer, what)

    def note(self, key: str, answer: str, id: str = "") -> None:
        """After it."""
        self._run("update step set answer = ?, id = ? where key = ?", answer, id, key)

    def steps(self, what: str = "") -> list[Step]:
        return list(self._read("select * from step where what = ? or ? = ''", what, what))

    def count(self, answer: str) -> int:
        return sum(step.answer == answer for step in self.steps())

    def _run(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self._file, timeout=30)) as database, database:
            database.execute(sql, values)

    def _read(self, sql: str, *values: object) -> Iterator[Step]:
        with closing(sqlite3.connect(self._file, timeout=30)) as database:
            for row in database.execute(sql, values):
                yield Step(*row)
