"""The folder where everything of one installation on this machine lives: data, secrets, logs, what runs."""

import fcntl
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT, ROOT / "services", ROOT / "protos" / "gen")


class Trouble(Exception):
    """What keeps a command from being done: one sentence for whoever gave it. `code` is the exit status."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Home:
    """`KITH_HOME`, `.kith` in the repository otherwise."""

    folder: Path

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> "Home":
        return cls(Path(environ.get("KITH_HOME") or ROOT / ".kith").absolute())

    def make(self) -> None:
        """Raises Trouble for a place that cannot be written to."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o755)  # PostgreSQL's user goes through it; the secrets in it have modes of their own
            self.logs.chmod(0o700)
        except OSError as error:
            raise Trouble(f"{self.folder} cannot be used: {error.strerror}; set KITH_HOME to another folder.") from None

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    def read(self, name: str) -> dict[str, Any]:
        """A file of ours, {} if there is none. Raises Trouble for one that somebody broke."""
        try:
            found: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise Trouble(f"{self.folder / name} cannot be read: {error}.") from None
        return found

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """For this user's eyes only; whole or not at all."""
        try:
            descriptor, scratch = tempfile.mkstemp(prefix=f".{name}-", dir=self.folder)  # made with mode 0600
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            Path(scratch).replace(self.folder / name)
        except OSError as error:
            raise Trouble(f"{self.folder / name} cannot be written: {error.strerror}.") from None

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Whether nobody else holds this lock; held by us during the block if so. The kernel frees it with us."""
        with (self.folder / name).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True


def on_path() -> None:
    """Let this process import the services and the stubs, however it was started."""
    for source in map(str, SOURCES):
        if source not in sys.path:
            sys.path.append(source)
