"""One process that the supervisor keeps running."""

from dataclasses import asdict, dataclass, field
from typing import Any

POSTGRES = "postgres"


@dataclass(frozen=True)
class Process:
    """Its name is that of its log. `version` is what it was started from: another one restarts it."""

    name: str
    argv: list[str]
    environ: dict[str, str] = field(default_factory=dict, repr=False)
    port: int = 0
    version: str = ""
    unprivileged: bool = False  # PostgreSQL refuses to be root, and its stop signal is another

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
