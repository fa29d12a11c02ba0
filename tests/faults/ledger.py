"""What was meant and what was answered: kept by a process of its own in its own SQLite file, whatever dies beside it.

`python -m tests.faults.ledger FILE` serves one; it prints its port.
"""

import json
import socket
import socketserver
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.suite import ROOT

TABLE = (
    "create table if not exists step"
    " (key text primary key, customer integer, what text, answer text default '', id text default '')"
)
INTEND = "insert into step (key, customer, what) values (?, ?, ?)"
NOTE = "update step set answer = ?, id = ? where key = ?"
SECONDS = 30.0


@dataclass(frozen=True)
class Step:
    """One call: `answer` is `ok`, `unknown` where nobody said, or why not; empty while it is under way."""

    key: str
    customer: int
    what: str
    answer: str
    id: str  # of the record that was answered


class Ledger:
    """Written through the process at `port`, by several threads with a connection each; read from its file."""

    def __init__(self, file: Path, port: int) -> None:
        self._file, self.port, self._mine = file, port, threading.local()

    def intend(self, key: str, customer: int, what: str) -> None:
        """Before the call; returns once it is on the disk."""
        self._say(INTEND, key, customer, what)

    def note(self, key: str, answer: str, id: str = "") -> None:
        """After it."""
        self._say(NOTE, answer, id, key)

    def steps(self, what: str = "") -> list[Step]:
        with closing(sqlite3.connect(self._file, timeout=SECONDS)) as database:
            found = database.execute("select * from step where what = ? or ? = ''", (what, what)).fetchall()
        return [Step(*row) for row in found]

    def count(self, answer: str) -> int:
        return sum(step.answer == answer for step in self.steps())

    def forget(self) -> None:
        """All of it: what follows is another run."""
        self._say("delete from step")

    def _say(self, *told: Any) -> None:
        if not hasattr(self._mine, "lines"):
            with socket.create_connection(("127.0.0.1", self.port), SECONDS) as connection:
                self._mine.lines = connection.makefile("rw")  # which keeps it open
        self._mine.lines.write(json.dumps(told) + "\n")
        self._mine.lines.flush()
        assert self._mine.lines.readline() == "kept\n", f"the ledger did not keep {told}"


@contextmanager
def kept(file: Path) -> Iterator[Ledger]:
    """A ledger for as long as the block lasts; its file stays."""
    command = [sys.executable, "-m", "tests.faults.ledger", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout
        try:
            yield Ledger(file, int(process.stdout.readline()))
        finally:
            process.kill()  # everything it said it keeps is on the disk


class _Desk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with closing(sqlite3.connect(sys.argv[1], timeout=SECONDS)) as database:
            database.execute("pragma synchronous = full")
            for line in self.rfile:
                sql, *values = json.loads(line)
                with database:
                    database.execute(sql, values)
                self.wfile.write(b"kept\n")


class _Office(socketserver.ThreadingTCPServer):
    daemon_threads = True


if __name__ == "__main__":
    with closing(sqlite3.connect(sys.argv[1])) as database:
        database.execute("pragma journal_mode = wal")
        database.execute(TABLE)
    with _Office(("127.0.0.1", 0), _Desk) as office:
        sys.stdout.write(f"{office.server_address[1]}\n")
        sys.stdout.flush()
        office.serve_forever()
