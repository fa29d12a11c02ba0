"""What runs on this machine: each process of the suite, its port, and what it is told."""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chassis.config import METRICS_ABOVE, PORTS, SERVICES
from cli.home import ROOT, SOURCES, Home, Trouble
from cli.process import POSTGRES, Process

HANDED_ON = ("KITH_", "OTEL_", "GRPC_", "GRANIAN_")  # nothing else of the caller's environment: a second `up` from
# another shell must find the same processes
GATEWAY = "gateway"
EVENTS = "events"
OWNERS = (*SERVICES, EVENTS)  # of a database each


@dataclass(frozen=True)
class Suite:
    """The suite of one home. `environ` is what whoever runs it has set; it goes before what we made up."""

    home: Home
    secrets: Mapping[str, str] = field(repr=False)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def port(self, name: str) -> int:
        """Raises Trouble for one that is no port."""
        variable = variable_of_port(name)
        text = self.environ.get(variable) or str(PORTS[name])
        if not text.isdecimal() or not 0 < int(text) < 65536 - METRICS_ABOVE:
            raise Trouble(f"{variable} is {text!r}, which is no port.", 78)
        return int(text)

    @property
    def url(self) -> str:
        """Where people find it."""
        return self.environ.get("KITH_ORIGIN", "").partition(",")[0] or f"http://127.0.0.1:{self.port(GATEWAY)}"

    def database_url(self, service: str, role: str, server: str) -> str:
        """How `role` of `service` comes to its database; `server` is the superuser's URL without a database."""
        prefix = f"KITH_{service.upper()}_" + ("" if role == "app" else f"{role.upper()}_")
        if given := self.environ.get(f"{prefix}DATABASE_URL"):
            return given
        name = f"{service}_{role}"
        return f"postgresql://{name}:{self.secrets[name]}@{server.rpartition('@')[2]}/kith_{service}"

    def processes(self, server: str) -> list[Process]:
        """The five services and the gateway over the databases of `server`."""
        addresses = {f"KITH_{name.upper()}_ADDRESS": f"127.0.0.1:{self.port(name)}" for name in SERVICES}
        told = {
            **addresses,
            **{name: value for name, value in self.environ.items() if name.startswith(HANDED_ON)},
            "KITH_HOME": str(self.home.folder),
            "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
            "PYTHONPATH": ":".join(map(str, SOURCES)),
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C.UTF-8",
        }
        return [
            Process(name, argv_of(name), self.environment(name, server) | told, self.port(name), version_of(name))
            for name in PORTS
        ]

    def environment(self, name: str, server: str) -> dict[str, str]:
        """What is told to one process: its own databases, secrets and key, and to identity the keys of all."""
        port = self.port(name)
        found = {
            variable_of_port(name): str(port),
            "KITH_EVENTS_DATABASE_URL": self.database_url("events", "worker", server),
        }
        if name in ("identity", GATEWAY) and not self.environ.get("KITH_SMTP_URL"):
            found["KITH_MAIL_FOLDER"] = str(self.home.folder / "mail")
        mine = [f"{name}_key", f"{name}_secret"]
        if name == GATEWAY:
            found["KITH_ORIGIN"] = f"http://127.0.0.1:{port},http://localhost:{port}"
        else:
            found |= {
                f"KITH_{name.upper()}_DATABASE_URL": self.database_url(name, "app", server),
                f"KITH_{name.upper()}_WORKER_DATABASE_URL": self.database_url(name, "worker", server),
            }
            mine.append("page_secret")
        if name == "identity":
            found["KITH_PUBLIC_URL"] = self.url
            found["KITH_OUTBOUND_NETWORKS"] = "127.0.0.0/8,::1/128"  # an identity provider on this very machine will do
            mine += [one for one in self.secrets if one.endswith("_key")]
        return found | {f"KITH_{one.upper()}": self.secrets[one] for one in mine if one in self.secrets}


def server_of(suite: Suite) -> str:
    """The superuser's URL without a database: the server somebody gave us, else our own."""
    given = suite.environ.get("KITH_DATABASE_URL", "").rstrip("/")
    if given and not given.startswith(("postgresql://", "postgres://")):
        raise Trouble("KITH_DATABASE_URL is no postgresql://user:password@host:port.", 78)
    port = suite.home.read("postgres.json").get("port", 0)
    return given or f"postgresql://postgres:{suite.secrets[POSTGRES]}@127.0.0.1:{port}"


def argv_of(name: str) -> list[str]:
    return [sys.executable, "-m", name, "serve"]


def variable_of_port(name: str) -> str:
    return "KITH_PORT" if name == GATEWAY else f"KITH_{name.upper()}_PORT"


def version_of(name: str) -> str:
    """Changes with the code a process runs, so that `up` after an edit runs the new code."""
    own = ROOT / name if name == GATEWAY else ROOT / "services" / name
    digest = hashlib.sha256()
    for file in _code((ROOT / "chassis", own, ROOT / "protos" / "gen", ROOT / "requirements.lock")):
        about = file.stat()
        digest.update(f"{file}:{about.st_mtime_ns}:{about.st_size}\n".encode())
    return digest.hexdigest()[:16]


def _code(places: tuple[Path, ...]) -> Iterator[Path]:
    for place in places:
        if place.is_file():
            yield place
        else:
            yield from sorted(one for one in place.rglob("*") if one.suffix in (".py", ".sql", ".binpb"))
